// SPDX-License-Identifier: Apache-2.0
// Semantic versions as Go uses them: a leading "v", short forms "v1" and "v1.2" allowed, no leading zeros,
// numbers of any length, build metadata ignored in comparison. Any text may be passed; text that is no
// version is "invalid" and sorts before all versions.
// Thread rule: pure functions. Spec: go-modules.md 7.1, go-resolution.md 0.1.
#pragma once

#include <string>
#include <string_view>

namespace larder::gomod::semver {

bool valid(std::string_view v);
// <0, 0, >0. Invalid texts are equal to each other and below all valid ones.
int compare(std::string_view a, std::string_view b);
// Order for sorting: compare, then bytes.
bool less(std::string_view a, std::string_view b);
// Filled to three numbers, build metadata removed; "" when invalid: "v1" -> "v1.0.0", "v1.2.3+x" -> "v1.2.3".
std::string canonical(std::string_view v);
// As canonical, but "+incompatible" is kept.
std::string canonical_version(std::string_view v);

// Parts of v; "" where v is invalid or lacks the part. All but major_minor of a short form point into v.
std::string_view major(std::string_view v);       // "v2"
std::string major_minor(std::string_view v);      // "v2.1"; "v2" -> "v2.0"
std::string_view prerelease(std::string_view v);  // "-rc.1"
std::string_view build(std::string_view v);       // "+incompatible"

}  // namespace larder::gomod::semver
