// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/cli11.hpp"
#include "cli/rows.hpp"

namespace larder::cli {

namespace {

std::vector<std::string> flags_of(const CommandRow& row) {
  CLI::App app;
  app.set_help_flag("--help");
  const auto command = row.make();
  command->define(app);
  std::vector<std::string> out;
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) out.push_back("--" + name);
  }
  return out;
}

std::string words() {
  std::vector<std::string> out;
  for (const auto& row : commands()) out.emplace_back(split(row.name, ' ').front());
  for (const auto& row : go_commands()) out.emplace_back(split(row.name, ' ').front());
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return join(out, " ");
}

std::string second_words(std::string_view first) {
  std::vector<std::string> out;
  const auto add = [&](std::string_view name) {
    const auto parts = split(name, ' ');
    if (parts.size() == 2 && parts[0] == first) out.emplace_back(parts[1]);
  };
  for (const auto& row : commands()) add(row.name);
  for (const auto& row : go_commands()) add(row.name);
  return join(out, " ");
}

std::string bash() {
  std::string cases;
  for (const auto& row : commands()) {
    cases += fmt::format("    \"{}\") words=\"{}\" ;;\n", row.name, join(flags_of(row), " "));
  }
  return fmt::format(
      "_larder() {{\n"
      "  local cur=${{COMP_WORDS[COMP_CWORD]}} one=${{COMP_WORDS[1]}} two=${{COMP_WORDS[2]}} words=\n"
      "  if [ \"$COMP_CWORD\" = 1 ]; then COMPREPLY=($(compgen -W \"{}\" -- \"$cur\")); return; fi\n"
      "  if [ \"$COMP_CWORD\" = 2 ]; then\n    case $one in\n"
      "      mod) words=\"{}\" ;; bundle) words=\"{}\" ;; key) words=\"{}\" ;; cache) words=\"{}\" ;;\n    "
      "esac\n  fi\n"
      "  [ -n \"$words\" ] || case \"$one\" in bundle|key|cache) one=\"$one $two\" ;; esac\n"
      "  [ -n \"$words\" ] || case \"$one\" in\n{}  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\") $(compgen -f -- \"$cur\"))\n"
      "}}\ncomplete -F _larder larder\n",
      words(), second_words("mod"), second_words("bundle"), second_words("key"), second_words("cache"),
      cases);
}

class CompletionCommand final : public Command {
 public:
  void define(CLI::App& app) override { app.add_option("SHELL", shell_, "bash or zsh")->required(); }
  Result<int> run(Session& session) override {
    if (shell_ == "bash") {
      session.print(bash());
    } else if (shell_ == "zsh") {
      session.print("autoload -U +X bashcompinit && bashcompinit\n" + bash());
    } else {
      return session.misused(
          {Kind::invalid, "no completion for shell " + quote(shell_), "bash and zsh are known"});
    }
    return k_done;
  }

 private:
  std::string shell_;
};

}  // namespace

std::unique_ptr<Command> make_completion() {
  return std::make_unique<CompletionCommand>();
}

}  // namespace larder::cli
