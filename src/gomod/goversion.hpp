// SPDX-License-Identifier: Apache-2.0
// Go language and toolchain versions as the go line writes them: "1", "1.21", "1.21rc2", "1.21.3".
// Malformed text is allowed everywhere, is equal to other malformed text, and below all versions.
// Thread rule: pure functions. Spec: go-resolution.md 0.1.
#pragma once

#include <string>
#include <string_view>

namespace larder::gomod::goversion {

bool valid(std::string_view v);
// <0, 0, >0: 1.21 < 1.21rc1 < 1.21.0 < 1.21.1; 1.20 == 1.20.0.
int compare(std::string_view a, std::string_view b);
// The larger one; a where they are equal.
std::string_view max(std::string_view a, std::string_view b);
// "1.21.3" and "1.21rc1" -> "1.21"; "1" and "1.0" -> "1"; "" when invalid.
std::string lang(std::string_view v);
// Is v a language version and nothing else: "1.21", but neither "1.21rc1" nor "1.21.0", nor "1.20", which is
// the release 1.20.0.
bool is_lang(std::string_view v);
// "1.22rc1", "1.22beta2": not yet the language version they are named after.
bool is_prerelease(std::string_view v);
// The language version before: "1.21" -> "1.20"; minor 0 or 1 -> the major alone; "" when invalid.
std::string prev(std::string_view v);
// "go1.21.3-custom" -> "1.21.3"; "" for anything that does not name a version.
std::string_view from_toolchain(std::string_view name);

}  // namespace larder::gomod::goversion
