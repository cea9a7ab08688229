// SPDX-License-Identifier: Apache-2.0
// The commands of `larder`, one file each: `<name>.cpp` with its help text `<name>.md` beside it. A command
// defines its options on a CLI11 app, from which parsing, help checks and shell completion come.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cli/session.hpp"

namespace CLI {
class App;
}

namespace larder::cli {

class Command {
 public:
  virtual ~Command() = default;
  virtual void define(CLI::App& app) = 0;
  // The exit status, or an error that is printed and mapped by exit_status().
  virtual Result<int> run(Session& session) = 0;
};

struct CommandRow {
  std::string_view name;     // "bundle ls" has its own row
  std::string_view summary;  // one line for `larder --help`
  std::unique_ptr<Command> (*make)();
  bool takes_command = false;  // words behind "--" are Session::command, not arguments
  bool diagnoses = false;      // runs with settings that go refuses, and tells of them
};
std::span<const CommandRow> commands();

// Flags that many commands of go share; each has those before it, too.
enum class TakesFlags {
  none,
  modfile,   // -modfile, -modcacherw
  overlay,   // -overlay
  store,     // --from-store, --wants
  packages,  // --no-extract
};
// A command of the go command itself: its arguments are parsed as go parses them.
struct GoCommandRow {
  std::string_view name;       // "mod download"
  std::string_view arguments;  // what go's line of usage has behind the name
  std::string_view summary;
  int (*run)(Session& session, const std::vector<std::string>& args);
  TakesFlags takes = TakesFlags::none;
};
std::span<const GoCommandRow> go_commands();

// The text of <name>.md ("bundle ls" -> bundle_ls.md), embedded when building; empty if there is none.
std::string_view help_text(std::string_view name);

// Whole program: parses global flags, finds the command, runs it.
int run_larder(const std::vector<std::string>& args);

}  // namespace larder::cli
