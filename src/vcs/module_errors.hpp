// SPDX-License-Identifier: Apache-2.0
// Errors that name the module, as the go command writes them. Thread rule: pure functions.
#pragma once

#include <string_view>

#include "base/result.hpp"

namespace larder::vcs {

// `module PATH: …`
Error module_error(std::string_view path, Error error);
// `PATH@VERSION: invalid version: REASON`, or `invalid pseudo-version`.
Error version_error(std::string_view path, std::string_view version, Kind kind, std::string_view reason,
                    bool is_pseudo = false);

}  // namespace larder::vcs
