// SPDX-License-Identifier: Apache-2.0
// Content of a small file that other processes hold flock on: rewritten in place, never replaced.
// Thread rule: as sys::FileLock. Spec: go-modules.md 1.1, 2.2.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "sys/lock.hpp"

namespace larder::modcache {

// Empties the file, extends it with zeros to its new length, then writes: what a crash leaves has a wrong
// length or NUL bytes and is recognised. Nothing is written where the bytes are those already.
Result<void> rewrite(const sys::FileLock& file, std::string_view content, const sys::Path& name_for_errors);

}  // namespace larder::modcache
