// SPDX-License-Identifier: Apache-2.0
// Starting other programs: git, the user's command in `prove`, tests. No shell is involved.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "sys/files.hpp"

namespace larder::sys {

using Environment = std::map<std::string, std::string>;
Environment current_environment();
// Empty counts as unset, as the go command has it.
std::optional<std::string> env(const std::string& name);

// First executable file of that name in the PATH of `environment` (a name with "/" is checked as it is).
std::optional<Path> find_program(std::string_view name, const Environment& environment);

struct Command {
  std::vector<std::string> argv;  // argv[0] is looked up in PATH
  std::optional<Environment> environment;
  std::optional<Path> directory;
  // Runs in the child between fork and exec; must be async-signal-safe; a non-zero return is the errno that
  // is reported as "prepare sandbox".
  int (*prepare)(void* context) = nullptr;
  void* context = nullptr;
};

struct Outcome {
  int exit_code = 0;  // 128 + signal where a signal ended it
  std::string out;    // only from run_captured, at most `limit` bytes each
  std::string err;
};

// With the caller's standard streams.
Result<Outcome> run(const Command& command);
Result<Outcome> run_captured(const Command& command, std::size_t limit = 16U << 20U);

}  // namespace larder::sys
