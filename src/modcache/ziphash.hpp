// SPDX-License-Identifier: Apache-2.0
// The .ziphash file: 47 bytes, the h1 of the zip beside it.
// Thread rule: free functions. Spec: go-modules.md 1.1, 2.2, 2.3.
#pragma once

#include <optional>

#include "base/result.hpp"
#include "gomod/h1.hpp"
#include "sys/files.hpp"

namespace larder::modcache {

// nullopt where there is none or it is torn; then it has to be computed from the zip.
Result<std::optional<gomod::H1>> read_ziphash(const sys::Path& file);
// In place, under the file's own lock. The caller holds the version's lock.
Result<void> write_ziphash(const sys::Path& file, const gomod::H1& h1);

}  // namespace larder::modcache
