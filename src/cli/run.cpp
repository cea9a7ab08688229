// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <thread>

#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include "base/text.hpp"
#include "cli/cli11.hpp"
#include "cli/command.hpp"
#include "cli/go_help.hpp"
#include "cli/toolchain.hpp"
#include "cli/usage_words.hpp"
#include "sys/process.hpp"

namespace larder::cli {

namespace {

using Words = std::vector<std::string>;

// Global flags, before the command or among its own.
void define_globals(CLI::App& app, GlobalFlags& flags) {
  static const std::map<std::string, When> k_when = {
      {"auto", When::automatic}, {"always", When::always}, {"never", When::never}};
  app.add_option("-C", flags.directory, "change to this folder first")->type_name("DIR");
  app.add_option("--store", flags.store, "the store to use")->type_name("DIR");
  app.add_option("--config", flags.config, "read this larder.toml")->type_name("FILE");
  app.add_flag("--offline", flags.offline, "open no socket");
  app.add_flag("--json", flags.json, "print the result as JSON");
  app.add_flag("-q,--quiet", flags.quiet, "no progress and no remarks: the result, and what failed");
  app.add_flag("-v,--verbose", flags.verbose, "say more, where there is more");
  app.add_option("--progress", flags.progress, "show progress: auto, always, never")
      ->transform(CLI::CheckedTransformer(k_when))
      ->type_name("WHEN");
  app.add_option("--color", flags.color, "use colours: auto, always, never")
      ->transform(CLI::CheckedTransformer(k_when))
      ->type_name("WHEN");
}

void say_usage(std::string_view message, std::string_view command) {
  const std::string text = fmt::format("larder: {}\nRun 'larder {}--help' for usage.\n", message,
                                       command.empty() ? "" : std::string(command) + " ");
  static_cast<void>(sys::write_all(STDERR_FILENO, as_bytes(text), "stderr").has_value());
}

// Nothing when parsed; the usage status when not. CLI11 reports by exception: this is its barrier.
std::optional<int> parse(CLI::App& app, const Words& words, std::string_view command) {
  if (const auto fault = empty_word(words)) {
    say_usage(*fault, command);
    return k_usage;
  }
  try {
    Words reversed(words.rbegin(), words.rend());
    app.parse(reversed);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    say_usage(in_our_words(error, app, words), command);
    return k_usage;
  }
}

std::string overview() {
  std::string out{help_text("larder")};
  out += "\nCommands:\n";
  for (const auto& row : commands()) out += fmt::format("  {:<14} {}\n", row.name, row.summary);
  out +=
      "\nIn place of the go command, with its flags and files (--from-store: nobody is asked but the "
      "store and the module cache):\n";
  for (const auto& row : go_commands()) out += fmt::format("  {:<14} {}\n", row.name, row.summary);
  return out + "\nRun 'larder COMMAND --help' for examples and flags.\n";
}

// A peer that closes its end, stdout's reader too, is an error of the write.
void ignore_broken_pipes() {
  struct sigaction ignore{};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, nullptr);
}

// Blocks SIGINT and SIGTERM in all threads; one thread waits for them, to the end of the process. The second
// one ends the process.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (const int number : {SIGINT, SIGTERM}) sigaddset(&set_, number);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    // Not joined: to wake it and to wait for it costs as much as a small command.
    std::thread([set = set_, source = source_] { wait(set, source); }).detach();
  }
  std::stop_token token() const { return source_.get_token(); }

 private:
  static void wait(sigset_t set, const std::stop_source& source) {
    for (int number = 0; sigwait(&set, &number) == 0;) {
      if (source.stop_requested()) ::_exit(128 + number);
      source.request_stop();
    }
  }
  sigset_t set_{};
  std::stop_source source_;
};

bool wants_help(const Words& words) {
  const auto end = std::find(words.begin(), words.end(), "--");
  return std::any_of(words.begin(), end, [](const auto& w) { return w == "--help" || w == "-h"; });
}

// The row whose words the arguments begin with; longest name first ("bundle ls" before "bundle").
template <class Row>
const Row* find_row(std::span<const Row> rows, const Words& words) {
  const Row* best = nullptr;
  for (const auto& row : rows) {
    const auto parts = split(row.name, ' ');
    const bool matches = parts.size() <= words.size() &&
                         std::equal(parts.begin(), parts.end(), words.begin(), std::equal_to<>());
    if (matches && (best == nullptr || best->name.size() < row.name.size())) best = &row;
  }
  return best;
}

std::string rows_of_group(std::string_view group) {
  std::string out;
  const auto add = [&](std::string_view name, std::string_view summary) {
    const auto parts = cut(name, " ");
    if (parts && parts->first == group) out += fmt::format("  {:<14} {}\n", name, summary);
  };
  for (const auto& row : commands()) add(row.name, row.summary);
  for (const auto& row : go_commands()) add(row.name, row.summary);
  return out;
}

// "mod", "bundle", …: the first word of several commands. nullopt: it is none, or its second word is there.
std::optional<int> describe_group(const Words& words) {
  const auto rows = rows_of_group(words[0]);
  const bool asked = words.size() > 1 && wants_help(words);
  if (rows.empty() || (words.size() > 1 && !asked)) return std::nullopt;
  auto more = std::string(help_text(words[0]));
  if (more.empty()) more = fmt::format("Run 'larder {} COMMAND --help' for examples and flags.\n", words[0]);
  const auto text = fmt::format("Usage: larder {} COMMAND\n\nCommands:\n{}\n{}", words[0], rows, more);
  static_cast<void>(
      sys::write_all(asked ? STDOUT_FILENO : STDERR_FILENO, as_bytes(text), "help").has_value());
  return asked ? k_done : k_usage;
}

int unknown_command(const Words& words) {
  std::vector<std::string> known;
  for (const auto& row : commands()) known.emplace_back(row.name);
  for (const auto& row : go_commands()) known.emplace_back(row.name);
  const std::string two = words.size() > 1 ? words[0] + " " + words[1] : words[0];
  const bool in_group = !rows_of_group(words[0]).empty();
  auto near = in_group ? std::nullopt : closest(words[0], known);
  if (!near) near = closest(two, known);
  say_usage(fmt::format("unknown command {}{}", quote(in_group ? two : words[0]),
                        near ? fmt::format(" (did you mean {}?)", quote(*near)) : ""),
            in_group ? words[0] : "");
  return k_usage;
}

Result<Session> open_session(const GlobalFlags& flags, const std::stop_token& stop,
                             Refused refused = Refused::is_an_error) {
  if (flags.directory && ::chdir(flags.directory->c_str()) != 0)
    return fail_errno("chdir " + *flags.directory);
  auto environment = sys::current_environment();
  if (flags.directory) environment.erase("PWD");
  return Session(TRY(load_config(flags, environment, refused)), stop);
}

int report(const GlobalFlags& flags, const Error& error) {
  Config config;
  config.flags = flags;
  Session(std::move(config), {}).complain(error);
  return exit_status(error);
}

// A result that nobody can read is none. (Of the go commands go thinks otherwise.)
int printed(const Session& session, int status) {
  const auto error = session.unprinted();
  if (!error) return status;
  session.complain(*error);
  return std::max<int>(status, k_failed);
}

int run_command(const CommandRow& row, Words words, GlobalFlags& flags) {
  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(split(row.name, ' ').size()));
  if (wants_help(words)) {
    const auto text = std::string(help_text(row.name));
    static_cast<void>(sys::write_all(STDOUT_FILENO, as_bytes(text), "stdout").has_value());
    return k_done;
  }
  Words behind;
  if (row.takes_command) {
    const auto dashes = std::find(words.begin(), words.end(), "--");
    if (dashes != words.end()) behind.assign(dashes + 1, words.end());
    if (const auto fault = no_dashes(row.name, words); fault && dashes == words.end()) {
      say_usage(*fault, row.name);
      return k_usage;
    }
    words.erase(dashes, words.end());
  }
  const auto command = row.make();
  CLI::App app{std::string(row.summary), std::string(row.name)};
  app.set_help_flag();
  define_globals(app, flags);
  command->define(app);
  if (const auto status = parse(app, words, row.name)) return *status;
  const Signals signals;
  auto session =
      open_session(flags, signals.token(), row.diagnoses ? Refused::is_noted : Refused::is_an_error);
  if (!session) return report(flags, session.error());
  session->command = std::move(behind);
  const auto status = command->run(*session);
  if (status) return printed(*session, *status);
  session->complain(status.error());
  return exit_status(status.error());
}

// go's own -C, which comes first: "-C DIR" or "-C=DIR" at that place.
void take_folder(Words& words, std::size_t at, GlobalFlags& flags) {
  if (at >= words.size()) return;
  const std::string_view word = std::string_view(words[at]).substr(words[at].starts_with("--") ? 1 : 0);
  const auto begin = words.begin() + static_cast<std::ptrdiff_t>(at);
  if (word.starts_with("-C=")) {
    flags.directory = word.substr(3);
    words.erase(begin);
  } else if (word == "-C" && at + 1 < words.size()) {
    flags.directory = words[at + 1];
    words.erase(begin, begin + 2);
  }
}

int run_go_command(const GoCommandRow& row, Words words, GlobalFlags& flags) {
  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(split(row.name, ' ').size()));
  if (wants_help(words)) {
    static_cast<void>(sys::write_all(STDOUT_FILENO, as_bytes(go_help(row)), "stdout").has_value());
    return k_done;
  }
  take_folder(words, 0, flags);
  // SIGINT ends it at once, as it ends go: what is half done is a temporary file that the next run sweeps.
  sys::end_programs_on_signals();
  auto session = open_session(flags, {});
  if (!session) return report(flags, session.error());
  if (const auto selected = select_go_version(*session); !selected) {
    session->complain(selected.error());
    return k_failed;
  }
  // Each new attempt is made as a newer go, so there are few.
  constexpr int k_attempts = 8;
  int status = k_again;
  for (int i = 0; i < k_attempts && status == k_again; ++i) {
    *session->shortfall = {};
    status = row.run(*session, words);
  }
  return tell_shortfall(*session, status == k_again ? k_failed : status);
}

// How many leading words are global flags with their values.
std::size_t leading_flags(const Words& words) {
  static constexpr std::array<std::string_view, 5> k_with_value = {"-C", "--store", "--config", "--progress",
                                                                   "--color"};
  std::size_t n = 0;
  while (n < words.size() && words[n].starts_with("-") && words[n] != "--help" && words[n] != "-h" &&
         words[n] != "--version") {
    n += std::find(k_with_value.begin(), k_with_value.end(), words[n]) != k_with_value.end() ? 2 : 1;
  }
  return std::min(n, words.size());
}

std::optional<int> parse_leading(Words words, GlobalFlags& flags) {
  if (words.empty()) return std::nullopt;
  for (auto& word : words) {
    if (word.starts_with("-C=")) word.erase(2, 1);  // as go takes it
  }
  CLI::App globals{"larder", "larder"};
  globals.set_help_flag();
  define_globals(globals, flags);
  return parse(globals, words, "");
}

}  // namespace

int run_larder(const std::vector<std::string>& args) {
  ignore_broken_pipes();
  GlobalFlags flags;
  const auto count = static_cast<std::ptrdiff_t>(leading_flags(args));
  if (const auto status = parse_leading(Words(args.begin(), args.begin() + count), flags)) return *status;
  Words words(args.begin() + count, args.end());
  if (!words.empty() && words[0] == "--version") words[0] = "version";
  if (!words.empty() && words[0] == "help") {
    words.erase(words.begin());
    if (!words.empty()) words.emplace_back("--help");
  }
  if (words.empty() || words[0] == "--help" || words[0] == "-h") {
    static_cast<void>(sys::write_all(STDOUT_FILENO, as_bytes(overview()), "stdout").has_value());
    return args.empty() ? k_usage : k_done;
  }
  if (words[0] == "mod" || words[0] == "work") take_folder(words, 1, flags);  // go mod -C DIR graph
  if (const auto* row = find_row(go_commands(), words)) return run_go_command(*row, words, flags);
  if (const auto* row = find_row(commands(), words)) return run_command(*row, words, flags);
  if (const auto status = describe_group(words)) return *status;
  return unknown_command(words);
}

}  // namespace larder::cli
