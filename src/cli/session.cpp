// SPDX-License-Identifier: Apache-2.0
#include "cli/session.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <set>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "sys/files.hpp"

namespace larder::cli {

namespace {
// One write(2) a message, so that lines of parallel jobs do not mix. A closed stream is nobody's error.
void write_to(int fd, std::string_view text) {
  static_cast<void>(sys::write_all(fd, as_bytes(text), "output").has_value());
}
}  // namespace

int exit_status(const Error& error) {
  return error.kind() == Kind::unverified ? k_integrity : k_failed;
}

int exit_status(const std::vector<Error>& errors) {
  int status = k_done;
  for (const auto& error : errors) status = std::max(status, exit_status(error));
  return status;
}

// Who closes the pipe has read enough.
void Session::print(std::string_view text) const {
  errno = 0;
  const auto written = sys::write_all(STDOUT_FILENO, as_bytes(text), "stdout");
  if (written || errno == EPIPE) return;
  if (auto first = unprinted_->lock(); !*first) *first = written.error();
}

void Session::print_json(const nlohmann::ordered_json& json, int indent) const {
  print(json.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

std::optional<Error> Session::unprinted() const {
  return *unprinted_->lock();
}

void Session::note(std::string_view line) const {
  if (!config.flags.quiet) write_to(STDERR_FILENO, "larder: " + std::string(line) + "\n");
}

void Session::complain(const Error& error) const {
  std::string text = "larder: " + error.message();
  if (!text.ends_with('\n')) text += '\n';
  if (!error.hint().empty()) text += "  hint: " + error.hint() + "\n";
  write_to(STDERR_FILENO, text);
}

void Session::complain(const std::vector<Error>& errors) const {
  std::set<std::string_view> said;  // one hint for many is enough
  for (const auto& error : errors) {
    const bool is_new = said.insert(error.hint()).second;
    complain(is_new ? error : Error(error.kind(), error.message()));
  }
}

int Session::misused(const Error& error) const {
  complain(error);
  return k_usage;
}

bool Session::stderr_is_terminal() const {
  return ::isatty(STDERR_FILENO) == 1;
}

}  // namespace larder::cli
