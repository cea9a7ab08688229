// SPDX-License-Identifier: Apache-2.0
// Module and package patterns with "..." wildcards. Pure. Spec: go-resolution.md 7 (last line of the table).
#pragma once

#include <string_view>

namespace larder::app {

// "..." stands for any text; a trailing "/..." also matches without it ("a/..." matches "a"). What lies in a
// folder "vendor" is matched by a pattern that names it: "..." does not stand for it.
bool match_pattern(std::string_view pattern, std::string_view name);

}  // namespace larder::app
