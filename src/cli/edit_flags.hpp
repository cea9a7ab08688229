// SPDX-License-Identifier: Apache-2.0
// What `mod edit` and `work edit` share: the words that their flags take, and how they print.
// Thread rule: free functions. Spec: go-resolution.md 9 (mod edit), 8 (7).
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.hpp"
#include "cli/go_flags.hpp"
#include "cli/go_session.hpp"
#include "cli/session.hpp"
#include "gomod/edit.hpp"
#include "gomod/modfile.hpp"

namespace larder::cli {

// A flag's value read; errors are go's words without the flag: "need path@version".
Result<gomod::Module> read_path_version(const std::string& arg);
Result<std::string> read_path(const std::string& arg);

enum class Folders { none, whole, with_version };  // may the path be a folder; is "@" then part of its name?
// path[@version]; `what` names it in errors: "invalid old path: …".
Result<gomod::Module> read_optional_version(std::string_view what, const std::string& arg, Folders folders);

struct Replacement {
  gomod::Module from;
  gomod::Module to;
};
Result<Replacement> read_replacement(const std::string& arg, Folders folders);

struct VersionInterval {
  std::string low;
  std::string high;
};
Result<VersionInterval> read_interval(const std::string& arg);
Result<std::pair<std::string, std::string>> read_godebug(const std::string& arg);

// The edits that flags ask for, in their order.
template <class File>
class EditList {
 public:
  using Edit = std::function<Result<void>(File&)>;
  struct Flag {
    std::string_view name;
    Result<Edit> (*read)(const std::string& arg);
  };

  explicit EditList(std::span<const Flag> flags) : flags_(flags) {}

  // Give this to parse_go_flags. As in go, the first bad value decides, before all that comes later.
  void hear(std::string_view name, const std::string& arg) {
    for (const auto& flag : flags_) {
      if (flag.name != name || error_) continue;
      auto edit = flag.read(arg);
      if (edit) {
        edits_.push_back({std::string(name), arg, *std::move(edit)});
      } else {
        error_ = about(name, arg, std::move(edit).error());
      }
    }
  }
  const std::optional<Error>& error() const { return error_; }
  bool empty() const { return edits_.empty(); }

  Result<void> apply(File& file) const {
    for (const auto& edit : edits_)
      if (auto done = edit.edit(file); !done)
        return fail(about(edit.name, edit.arg, std::move(done).error()));
    return {};
  }

 private:
  struct Given {
    std::string name;
    std::string arg;
    Edit edit;
  };
  static Error about(std::string_view name, const std::string& arg, Error error) {
    return std::move(error).with("-" + std::string(name) + "=" + arg);
  }
  std::span<const Flag> flags_;
  std::vector<Given> edits_;
  std::optional<Error> error_;
};

// Checks values of -go and -toolchain; prints go's words and returns false where one is wrong. group: "mod".
bool good_go_values(const Session& session, const GoArguments& arguments, std::string_view group);

// Applies -go and -toolchain, "none" drops the line.
template <class File>
Result<void> apply_go_values(File& file, const GoArguments& arguments);

// What both commands end with: the file in order, then printed (-json, -print) or written.
template <class File, class ToJson, class Write>
Result<int> finish_edit(const Session& session, const GoArguments& arguments, File& file,
                        const ToJson& to_json, const Write& write) {
  gomod::sort_blocks(file);
  gomod::cleanup(file);
  if (arguments.has("json")) {
    session.print(to_json(file));
  } else if (arguments.has("print")) {
    session.print(file.str());
  } else if (Result<void> written = write(file.str()); !written) {
    return fail(std::move(written).error());
  }
  return k_done;
}

// The status of a command with such flags, said where something is wrong.
template <class File, class Run>
int run_edit_command(const Session& session, const std::vector<std::string>& args,
                     const std::vector<GoFlagSpec>& specs,
                     std::span<const typename EditList<File>::Flag> flags, std::string_view command,
                     const Run& run) {
  EditList<File> edits(flags);
  const auto parsed =
      parse_go_flags(args, specs, session.config.go.get("GOFLAGS"),
                     [&](std::string_view name, const std::string& value) { edits.hear(name, value); });
  if (edits.error()) {
    session.complain(*edits.error());
    return k_failed;
  }
  if (!parsed) return go_usage(command, parsed.error().message());
  const Result<int> status = run(*parsed, edits);
  if (status) return *status;
  session.complain(status.error());
  return k_failed;
}

nlohmann::ordered_json module_json(const gomod::Module& module);
nlohmann::ordered_json replace_json(const std::vector<gomod::Replace>& list);  // null for an empty one
// Tab-indented, <, > and & escaped, one line end behind it, as go prints JSON.
std::string indented_json(const nlohmann::ordered_json& json);

}  // namespace larder::cli
