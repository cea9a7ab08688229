// SPDX-License-Identifier: Apache-2.0
// GOPRIVATE and its kin: comma lists of shell patterns that match a prefix of a module path.
// Thread rule: pure functions. Spec: go-modules.md 5.5.
#pragma once

#include <optional>
#include <string_view>

namespace larder::gomod {

// Does any pattern match? A pattern with n slashes is tried on the first n+1 elements of target; a '/' at its
// end is dropped; empty and malformed patterns are skipped. Time is at most |patterns| · |target|.
bool match_prefix_patterns(std::string_view patterns, std::string_view target);

// One shell pattern over all of name: `*` and `?` do not match '/', `[a-z]`, `[^x]`, `\x`. nullopt when the
// pattern is malformed.
std::optional<bool> match_glob(std::string_view pattern, std::string_view name);

}  // namespace larder::gomod
