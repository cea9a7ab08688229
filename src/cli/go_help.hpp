// SPDX-License-Identifier: Apache-2.0
// The help page of a command that stands in for one of go: its own text, and the flags that many of them
// share. Thread rule: pure.
#pragma once

#include <string>

#include "cli/command.hpp"

namespace larder::cli {

std::string go_help(const GoCommandRow& row);

}  // namespace larder::cli
