// SPDX-License-Identifier: Apache-2.0
// The makers of `larder sumdb …`, for the table of commands.
#pragma once

#include <memory>

#include "cli/command.hpp"

namespace larder::cli {

std::unique_ptr<Command> make_sumdb_init();
std::unique_ptr<Command> make_sumdb_add();
std::unique_ptr<Command> make_sumdb_serve();

}  // namespace larder::cli
