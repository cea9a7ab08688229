// SPDX-License-Identifier: Apache-2.0
// The version of this program, from CMakeLists.txt.
#pragma once

#include <string_view>

namespace larder::cli {
inline constexpr std::string_view k_version = LARDER_VERSION;
}
