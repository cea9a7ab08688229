// SPDX-License-Identifier: Apache-2.0
// The lock of one module version, shared with go. Whoever writes its zip, ziphash or tree holds it; nobody
// takes a second one meanwhile. Thread rule: as sys::FileLock. Spec: go-modules.md 2.1, 2.2, 2.4.
#pragma once

#include <stop_token>

#include "base/result.hpp"
#include "modcache/paths.hpp"
#include "sys/lock.hpp"

namespace larder::modcache {

// Waits; makes the folder if need be. Kind::cancelled once `stop` is requested.
Result<sys::FileLock> lock_version(const Paths& paths, const std::stop_token& stop);

}  // namespace larder::modcache
