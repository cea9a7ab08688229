// SPDX-License-Identifier: Apache-2.0
// The `list` file of a module: the versions whose .mod is here.
// Thread rule: free functions. Spec: go-modules.md 1.1, 2.2.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "sys/files.hpp"

namespace larder::modcache {

// From the names in an `@v` folder to the content of `list`. As in go the names are not unescaped, so a
// version with upper-case letters is never listed.
std::string render_list(const std::vector<sys::DirEntry>& entries);
// Lines that are versions; a torn write leaves others.
std::vector<std::string> parse_list(std::string_view text);

// Brings `list` up to date, in place and under its lock; no write where nothing changes.
Result<void> refresh_list_in(const sys::Path& versions_dir);

}  // namespace larder::modcache
