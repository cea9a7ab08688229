// SPDX-License-Identifier: Apache-2.0
#include "vcs/git_command.hpp"

#include <utility>

#include "base/text.hpp"

namespace larder::vcs {

namespace {

// No limit of go's. A hostile server must not fill the disk; the largest public repositories have some 5 GB.
constexpr std::uint64_t k_max_pack = std::uint64_t{16} << 30U;  // bytes
constexpr std::uint64_t k_max_archive = (std::uint64_t{500} << 20U) + 1;
constexpr std::size_t k_keep = 64U << 20U;  // bytes of output; a list of a million refs has some 60 MB

void set_default(sys::Environment& environment, const std::string& name, const std::string& value) {
  auto& entry = environment[name];
  if (entry.empty()) entry = value;
}

// "exit status 128", or the signal that ended it.
std::string status_text(int exit_code) {
  if (exit_code <= 128 || exit_code == 129) return "exit status " + std::to_string(exit_code);
  return "signal " + std::to_string(exit_code - 128);
}

std::string shell_word(const std::string& word) {
  if (word.find('\'') != std::string::npos) return quote(word);
  return word.find_first_of("$`\\*?[\"\t\n\v\f\r ") == std::string::npos ? word : "'" + word + "'";
}

}  // namespace

Git::Git(sys::Path dir, const GitOptions& options, Dir kind)
    : dir_(std::move(dir)), options_(options), environment_(options.environment) {
  if (kind == Dir::clone) environment_["GIT_DIR"] = dir_.native();
  environment_["GIT_LITERAL_PATHSPECS"] = "1";  // a folder's name is no pattern
  environment_["PWD"] = dir_.native();
  set_default(environment_, "GIT_TERMINAL_PROMPT", "0");
  set_default(environment_, "GCM_INTERACTIVE", "never");
  terminal_ = environment_["GIT_TERMINAL_PROMPT"] != "0";
}

std::string Git::describe(const std::vector<std::string>& words) const {
  std::string out = "cd " + dir_.native() + ";";
  for (const auto& word : words) out += " " + shell_word(word);
  return out;
}

Result<Git::Output> Git::run(const std::vector<std::string>& words, Reach reach, const std::stop_token& stop,
                             int to) const {
  using std::chrono::steady_clock;
  const auto begun = steady_clock::now();
  if (options_.trace) options_.trace({.text = describe(words), .begins = true});
  sys::Command command;
  command.argv = words;
  command.environment = environment_;
  command.directory = dir_;
  sys::RunLimits limits;
  limits.keep = k_keep;
  limits.time = reach == Reach::remote ? options_.remote_time : options_.local_time;
  limits.file_size = to < 0 ? k_max_pack : k_max_archive;
  limits.stop = stop;
  limits.out = to;
  limits.terminal = terminal_;
  auto outcome = sys::run_limited(command, limits);
  if (options_.trace) {
    options_.trace(
        {.text = describe(words),
         .duration = std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - begun)});
  }
  if (!outcome) {
    Error error = std::move(outcome).error();
    const bool no_git = error.kind() == Kind::not_found;  // the program, not what was asked of it
    if (no_git) error = Error(Kind::unavailable, error.message(), "install git");
    return fail(std::move(error).with(join(words, " ") + " in " + dir_.native()));
  }
  return Output{outcome->exit_code, std::move(outcome->out), std::move(outcome->err)};
}

Result<std::string> Git::output(const std::vector<std::string>& words, Reach reach,
                                const std::stop_token& stop) const {
  auto done = TRY(run(words, reach, stop));
  if (done.exit_code != 0) return fail(error(words, done));
  return std::move(done.out);
}

Error Git::error(const std::vector<std::string>& words, const Output& output) const {
  std::string text = join(words, " ") + " in " + dir_.native() + ": " + status_text(output.exit_code);
  std::string_view said = output.err;
  while (said.ends_with('\n')) said.remove_suffix(1);
  if (said.empty()) return {Kind::unavailable, std::move(text)};
  text += ":";
  for (const auto line : split(said, '\n')) text += "\n\t" + std::string(line);
  return {Kind::unavailable, std::move(text)};
}

}  // namespace larder::vcs
