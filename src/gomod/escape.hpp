// SPDX-License-Identifier: Apache-2.0
// The form of paths and versions in file names and proxy URLs: each upper-case ASCII letter becomes '!' and
// the lower-case one. escape and unescape are inverses on everything they accept; what they refuse must never
// become a file name.
// Thread rule: pure functions. Spec: go-modules.md 1.2.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace larder::gomod {

Result<std::string> escape_path(std::string_view path);  // path must pass check_path
// Any single file-name element without '!': semantic versions, but also branch names and hashes.
Result<std::string> escape_version(std::string_view version);
Result<std::string> unescape_path(std::string_view escaped);
Result<std::string> unescape_version(std::string_view escaped);

}  // namespace larder::gomod
