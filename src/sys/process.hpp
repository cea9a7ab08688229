// SPDX-License-Identifier: Apache-2.0
// Starting other programs: git, the user's command in `prove`, tests. No shell is involved.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <stop_token>
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
  std::string out;    // what was captured
  std::string err;
};

// With the caller's standard streams.
Result<Outcome> run(const Command& command);
Result<Outcome> run_captured(const Command& command, std::size_t limit = 16U << 20U);

// What a program that talks to strangers may cost.
struct RunLimits {
  std::size_t keep = 16U << 20U;                  // bytes; who writes as many to a captured stream is ended
  std::optional<std::chrono::milliseconds> time;  // from start to end
  std::optional<std::uint64_t> file_size;         // bytes of any file it writes, `out` included
  std::stop_token stop;
  std::string in;         // what standard input holds
  int out = -1;           // standard output goes to this descriptor instead of Outcome::out
  bool terminal = false;  // may ask questions at the terminal
};
// The program leads a session of its own, so that it cannot wait for an answer from
// the terminal and ends with all its children: at the time limit (Kind::unavailable, "timed out after 30s"),
// where it writes too much (Kind::unavailable), at a stop (Kind::cancelled) and with the calling thread. With
// `terminal` it stays in ours, and only itself is ended.
Result<Outcome> run_limited(const Command& command, const RunLimits& limits);

// From now on SIGINT and SIGTERM end the programs of run_limited with all their children, and then this
// process as they do by default. For commands that no stop token reaches. Costs no thread.
void end_programs_on_signals();

}  // namespace larder::sys
