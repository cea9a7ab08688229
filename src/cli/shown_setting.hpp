// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace larder::cli {

// The value of a setting as it may be printed: passwords in URLs masked, of GOAUTH's commands the program
// alone.
std::string shown_setting(std::string_view name, std::string_view value);

}  // namespace larder::cli
