// SPDX-License-Identifier: Apache-2.0
#include "creds/goauth.hpp"

#include <algorithm>
#include <ranges>

#include <fmt/format.h>

#include "base/quoted.hpp"
#include "base/text.hpp"
#include "creds/netrc.hpp"
#include "sys/files.hpp"

namespace larder::creds {

namespace {

constexpr std::size_t k_keep = 1U << 20U;  // bytes of a command's output
constexpr std::string_view k_git_dir =
    "GOAUTH=git dir method requires an absolute path to the git working directory";

// A method that fails leaves the others their chance; a GOAUTH that makes no sense ends the request.
bool ends_all(const Error& error) {
  return error.kind() == Kind::invalid || error.kind() == Kind::cancelled;
}

std::string response_text(const http::Refusal& refusal) {
  std::vector<std::pair<std::string, std::string>> joined;
  for (const auto& [name, value] : refusal.headers) {
    const auto known = std::ranges::find(joined, name, &std::pair<std::string, std::string>::first);
    if (known == joined.end()) {
      joined.emplace_back(name, value);
    } else {
      known->second.append(", ").append(value);
    }
  }
  std::string out = "HTTP/1.1 " + refusal.status_line + "\n";
  for (const auto& [name, value] : joined) out += canonical_header_name(name) + ": " + value + "\n";
  return out + "\n";
}

Result<void> check_directory(const std::string& directory) {
  if (!directory.starts_with('/'))
    return fail(Kind::invalid, fmt::format("{}, dir is not absolute", k_git_dir));
  std::error_code failed;
  const auto status = std::filesystem::status(directory, failed);
  if (!std::filesystem::exists(status)) {
    return fail(Kind::invalid,
                fmt::format("GOAUTH=git encountered an error; cannot stat {0}: stat {0}: {1}", directory,
                            failed ? lower_ascii(failed.message()) : "no such file or directory"));
  }
  if (!std::filesystem::is_directory(status))
    return fail(Kind::invalid, fmt::format("{}, dir is not a directory", k_git_dir));
  return {};
}

// What went wrong with a program that was started, or was not; nullopt: nothing.
std::optional<std::string> trouble(const Result<sys::Outcome>& done) {
  if (!done) return done.error().message();
  if (done->exit_code == 0) return std::nullopt;
  return fmt::format("exit status {}", done->exit_code);
}

}  // namespace

GoAuth::GoAuth(GoAuthOptions options) : options_(std::move(options)) {
  if (options_.goauth.empty()) options_.goauth = "netrc";
}

http::Headers GoAuth::known(const std::string& url) {
  auto known = known_.lock();
  const auto* found = known->find(url);
  return found ? *found : http::Headers();
}

// No headers: what was known holds no longer.
void GoAuth::learn(const std::string& prefix, http::Headers headers) {
  auto known = known_.lock();
  if (headers.empty()) {
    known->remove(prefix);
  } else {
    known->store(prefix, std::move(headers));
  }
}

Result<http::Headers> GoAuth::headers_for(const std::string& url, std::stop_token stop) {
  if (options_.goauth == "off") return http::Headers();
  {
    const std::scoped_lock lock(first_);
    if (!begun_) {
      Round round{.url = "", .stop = std::move(stop)};
      TRY(run(round));
      begun_ = true;
    }
  }
  return known(url);
}

Result<std::optional<http::Headers>> GoAuth::after_refusal(const std::string& url, const http::Headers& sent,
                                                           const http::Refusal& refusal,
                                                           std::stop_token stop) {
  std::optional<http::Headers> other;
  const auto changed = [&] {
    auto now = known(url);
    if (!now.empty() && now != sent) other = std::move(now);
    return other.has_value();
  };
  if (options_.goauth == "off") return other;
  const std::scoped_lock lock(again_);
  if (changed()) return other;
  Round round{.url = url, .refusal = &refusal, .stop = std::move(stop)};
  TRY(run(round));
  tell(round);
  changed();
  return other;
}

// In reverse, so that what is named first is stored last.
Result<void> GoAuth::run(Round& round) {
  const auto methods = split(options_.goauth, ';');
  for (const auto part : std::views::reverse(methods)) {
    const std::string method(trim(part));
    const auto words = fields(method);
    if (words.empty())
      return fail(Kind::invalid,
                  fmt::format("GOAUTH encountered an empty command (GOAUTH={})", options_.goauth));
    if (words[0] == "off" && methods.size() == 1) return {};
    auto done = run_method(method, round);
    if (done) continue;
    if (ends_all(done.error())) return done;
    round.failures.push_back(fmt::format("GOAUTH={}: {}", method, done.error().message()));
  }
  return {};
}

Result<void> GoAuth::run_method(const std::string& method, Round& round) {
  const auto words = fields(method);
  if (words[0] == "off") {
    return fail(Kind::invalid,
                fmt::format("GOAUTH=off cannot be combined with other authentication commands (GOAUTH={})",
                            options_.goauth));
  }
  if (words[0] == "netrc") return run_netrc(round);
  if (words[0] != "git") return run_command(method, round);
  if (words.size() != 2) return fail(Kind::invalid, std::string(k_git_dir));
  return run_git(std::string(words[1]), round);
}

// A second look would find the same: the file is read once.
Result<void> GoAuth::run_netrc(Round& round) {
  if (!round.url.empty()) return {};
  if (options_.netrc.empty()) return fail(Kind::io, "$HOME is not defined");
  auto netrc = read_netrc(options_.netrc);
  if (!netrc) return fail(Kind::io, netrc.error().message());
  for (const auto& entry : std::views::reverse(netrc->entries()))
    learn(entry.machine, basic_authorization(entry.login, entry.password));
  return {};
}

Result<void> GoAuth::run_git(const std::string& directory, Round& round) {
  TRY(check_directory(directory));
  if (round.url.empty()) return {};  // git says nothing without a URL
  const auto done = start({"git", "credential", "fill"}, "url=" + round.url + "\n", directory, round.stop);
  if (!done && done.error().kind() == Kind::cancelled) return fail(done.error());
  if (const auto wrong = trouble(done)) {
    return fail(Kind::unavailable, fmt::format("'git credential fill' failed (url={}): {}\n{}", round.url,
                                               *wrong, done ? done->err : ""));
  }
  const auto found = parse_git_credential(done->out);
  if (found.prefix.empty()) {
    return fail(Kind::unavailable,
                fmt::format("'git credential fill' failed for url={}, could not parse url\n", round.url));
  }
  if (!round.url.starts_with(found.prefix)) {
    return fail(Kind::unavailable,
                fmt::format("requested a credential for {}, but 'git credential fill' provided one for {}\n",
                            round.url, found.prefix));
  }
  const auto headers = basic_authorization(found.user, found.password);
  unsettled_.lock()->insert_or_assign(found.prefix, Unsettled{directory, done->out, headers});
  learn(found.prefix, headers);
  return {};
}

Result<void> GoAuth::run_command(const std::string& command, const Round& round) {
  const auto words = split_quoted(command);
  if (!words) {
    return fail(Kind::unavailable,
                fmt::format("cannot parse GOAUTH command {}: {}", command, words.error().message()));
  }
  std::vector<std::string> argv(words->begin(), words->end());
  if (!round.url.empty()) argv.push_back(round.url);
  const auto input = round.refusal ? response_text(*round.refusal) : "";
  const auto done = start(argv, input, "", round.stop);
  if (!done && done.error().kind() == Kind::cancelled) return fail(done.error());
  if (const auto wrong = trouble(done)) {
    return fail(Kind::unavailable,
                fmt::format("could not run command {}: {}\n{}", command, *wrong, done ? done->err : ""));
  }
  auto grants = parse_command_output(done->out);
  if (!grants) {
    return fail(Kind::unavailable, fmt::format("cannot parse output of GOAUTH command {}: {}", command,
                                               grants.error().message()));
  }
  for (auto& [prefix, headers] : *grants) learn(prefix, std::move(headers));
  return {};
}

Result<sys::Outcome> GoAuth::start(const std::vector<std::string>& argv, const std::string& input,
                                   const std::string& directory, const std::stop_token& stop) const {
  if (stop.stop_requested()) return fail(Kind::cancelled, "cancelled");
  const auto program = sys::find_program(argv[0], options_.environment);
  const bool named = argv[0].find('/') != std::string::npos;
  if (program && !named && !program->is_absolute()) {
    return fail(
        Kind::unavailable,
        fmt::format("exec: {}: cannot run executable found relative to current directory", quote(argv[0])));
  }
  sys::Command command;
  command.argv = argv;
  command.environment = options_.environment;
  if (!directory.empty()) command.directory = directory;
  sys::RunLimits limits;
  limits.keep = k_keep;
  limits.time = options_.time_limit;
  limits.stop = stop;
  limits.in = input;
  limits.terminal = options_.terminal;
  return sys::run_limited(command, limits);
}

// As go's -x: only where nobody knew what to send.
void GoAuth::tell(const Round& round) {
  if (!options_.trace || round.failures.empty() || !known(round.url).empty()) return;
  options_.trace(fmt::format("go: GOAUTH encountered errors for {}:", round.url));
  for (const auto& failure : round.failures) options_.trace("go:   " + std::string(trim(failure)));
}

void GoAuth::settled(const std::string& url, const http::Headers& sent, int status) {
  if (status != 200 && status != 401) return;
  std::optional<Unsettled> tried;
  {
    auto unsettled = unsettled_.lock();
    const auto it = std::ranges::find_if(*unsettled, [&](const auto& entry) {
      return url.starts_with(entry.first) && entry.second.headers == sent;
    });
    if (it == unsettled->end()) return;
    tried = std::move(it->second);
    unsettled->erase(it);
  }
  // Best effort: the helper of git may keep what works and forget what does not.
  static_cast<void>(
      start({"git", "credential", status == 200 ? "approve" : "reject"}, tried->said, tried->directory, {})
          .has_value());
}

}  // namespace larder::creds
