// SPDX-License-Identifier: Apache-2.0
// Decimal numbers of any length, kept as text, plus or minus one: what a version may be before or after.
// The argument is digits only. Pure. Spec: go-modules.md 7.
#pragma once

#include <string>
#include <string_view>

namespace larder::gomod {

std::string plus_one(std::string_view number);
// Empty where it would be negative.
std::string minus_one(std::string_view number);

}  // namespace larder::gomod
