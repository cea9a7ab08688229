// SPDX-License-Identifier: Apache-2.0
#include "vcs/git_command.hpp"

#include <charconv>
#include <utility>

#include "base/text.hpp"

namespace larder::vcs {

namespace {

// No limit of go's. A hostile server must not fill the disk; the largest public repositories have some 5 GB.
constexpr std::uint64_t k_max_pack = std::uint64_t{16} << 30U;  // bytes
constexpr std::uint64_t k_max_archive = (std::uint64_t{500} << 20U) + 1;
constexpr std::size_t k_max_settings = 1000;
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

// What would show the headers that git sends.
void forget_traces(sys::Environment& environment) {
  std::erase_if(environment, [](const auto& entry) {
    return entry.first.starts_with("GIT_TRACE") || entry.first == "GIT_CURL_VERBOSE";
  });
}

// Settings as `git -c` makes them, but not where other users see them: after those that are there already.
Result<void> add_settings(sys::Environment& environment,
                          const std::vector<std::pair<std::string, std::string>>& settings) {
  const std::string held = environment["GIT_CONFIG_COUNT"];
  std::size_t count = 0;
  const auto [end, failed] = std::from_chars(held.data(), held.data() + held.size(), count);
  if (!held.empty() && (failed != std::errc() || end != held.data() + held.size() || count > k_max_settings))
    return fail(Kind::invalid, "GIT_CONFIG_COUNT is no number: " + quote(held));
  for (const auto& [key, value] : settings) {
    environment["GIT_CONFIG_KEY_" + std::to_string(count)] = key;
    environment["GIT_CONFIG_VALUE_" + std::to_string(count)] = value;
    ++count;
  }
  environment["GIT_CONFIG_COUNT"] = std::to_string(count);
  return {};
}

}  // namespace

Git::Git(sys::Path dir, std::string url, const GitOptions& options, Dir kind)
    : dir_(std::move(dir)), url_(std::move(url)), options_(options), environment_(options.environment) {
  if (kind == Dir::clone) environment_["GIT_DIR"] = dir_.native();
  environment_["GIT_LITERAL_PATHSPECS"] = "1";  // a folder's name is no pattern
  environment_["PWD"] = dir_.native();
  set_default(environment_, "GIT_TERMINAL_PROMPT", "0");
  set_default(environment_, "GCM_INTERACTIVE", "never");
  terminal_ = environment_["GIT_TERMINAL_PROMPT"] != "0";
}

// Commands that stay here get no secret. A server that redirects could send it elsewhere: git would say it
// there again.
Result<sys::Environment> Git::environment_for(Reach reach, const std::stop_token& stop) const {
  sys::Environment out = environment_;
  if (reach == Reach::local || !options_.headers || !url_.starts_with("https://")) return out;
  const auto headers = TRY(options_.headers(url_, stop));
  if (headers.empty()) return out;
  const std::string section = "http." + url_ + ".";
  std::vector<std::pair<std::string, std::string>> settings = {{section + "followRedirects", "false"}};
  for (const auto& header : headers) settings.emplace_back(section + "extraHeader", header);
  forget_traces(out);
  TRY(add_settings(out, settings));
  return out;
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
  sys::Command command;
  command.argv = words;
  command.environment = TRY(environment_for(reach, stop));
  if (options_.trace) options_.trace({.text = describe(words), .begins = true});
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
