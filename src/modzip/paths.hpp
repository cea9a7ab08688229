// SPDX-License-Identifier: Apache-2.0
// Slash-separated paths inside a module, and the texts that reject them at making and at checking alike.
#pragma once

#include <string_view>

namespace larder::modzip {

inline constexpr std::string_view k_not_clean = "file path is not clean";
inline constexpr std::string_view k_go_mod_case = "go.mod files must have lowercase names";

// No empty, "." or inner ".." elements, no trailing slash; what Go's path.Clean leaves as it is.
bool is_clean(std::string_view path);
std::string_view base_name(std::string_view path);
std::string_view parent_of(std::string_view path);  // of "a/b/c": "a/b"; of "a": ""
// Is the last element go.mod, in any case?
bool is_go_mod(std::string_view path);

}  // namespace larder::modzip
