// SPDX-License-Identifier: Apache-2.0
// A remote git repository, seen through a bare clone in the module cache that the go command shares, by way
// of the `git` program: the user's credentials, proxies and configuration apply.
//
// The commands are go's, and so is their order: first what the server's refs say, then a shallow fetch of the
// one ref that is needed, the whole history only where an answer depends on it. Commits that no branch, tag
// or HEAD leads to do not exist here, whatever the server would give out.
//
// Invariants: no text from outside stands where git would take it for an option; git never asks at the
// terminal (unless GIT_TERMINAL_PROMPT says so); every command ends within its time limit, on a stop at once,
// and its output is bounded. Thread rule: any thread; calls for one repository wait for each other.
// Spec: go-modules.md 1.3, 4.5, 4.8.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "sys/process.hpp"
#include "vcs/revision.hpp"

namespace larder::vcs {

// One command, for -x: called before and after.
struct GitTrace {
  std::string text;  // "cd DIR; git …"
  bool begins = false;
  std::chrono::milliseconds duration{0};
};

struct GitOptions {
  sys::Path modcache;
  sys::Environment environment;  // of the git commands
  std::chrono::milliseconds local_time{std::chrono::minutes{5}};
  std::chrono::milliseconds remote_time{std::chrono::minutes{15}};
  // "Name: value" lines for requests to this https URL; secrets. They reach git by its environment, are sent
  // to that URL and what is below it, and follow no redirection.
  std::function<Result<std::vector<std::string>>(const std::string& url, std::stop_token)> headers;
  std::function<void(const GitTrace&)> trace;
  // Is there nothing at this http(s) URL (404, 410)? Tells an absent repository from a broken one.
  std::function<bool(const std::string& url, std::stop_token)> is_absent;
};

class GitRepo {
 public:
  // Kind::invalid for what is no URL of a remote that we would talk to: no scheme, `file:`, `ext::`, a host
  // that begins with '-'.
  static Result<std::unique_ptr<GitRepo>> open(std::string url, GitOptions options, std::stop_token stop);
  ~GitRepo();
  GitRepo(const GitRepo&) = delete;
  GitRepo& operator=(const GitRepo&) = delete;

  const std::string& url() const;
  Result<Tags> tags(std::string_view prefix, std::stop_token stop);
  // All that the server names, as the origin of "there is no such revision".
  Result<Origin> state(std::stop_token stop);
  // Would what was found at this origin, in this folder, be found again? An error says why not.
  Result<void> confirm(const Origin& old, std::string_view subdir, std::stop_token stop);
  // rev: tag, branch, HEAD, at least 7 digits of a commit. Kind::not_found: "unknown revision REV".
  Result<Revision> stat(std::string_view rev, std::stop_token stop);
  Result<Revision> latest(std::stop_token stop);  // HEAD; Kind::not_found: "no commits"
  // nullopt where the revision has no such file.
  Result<std::optional<std::string>> read_file(std::string_view rev, std::string_view file,
                                               std::uint64_t limit, std::stop_token stop);
  // Tags that lead to this commit, as far as the clone knows; fetch_history makes it know all.
  Result<std::vector<std::string>> merged_tags(std::string_view commit, std::stop_token stop);
  Result<void> fetch_history(std::stop_token stop);
  Result<bool> descends_from(std::string_view rev, std::string_view tag, std::stop_token stop);
  // The tree of a commit, or what is below subdir, as a zip with "prefix/" before each name, into the file.
  // Kind::not_found where subdir matches nothing.
  Result<void> archive(std::string_view rev, std::string_view subdir, int fd, std::stop_token stop);

 private:
  class Impl;
  explicit GitRepo(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// What GitRepo::open refuses, as a check on its own.
Result<void> check_remote(std::string_view url);
// Does `git ls-remote` get an answer there? Makes no clone.
bool is_git_repository(const std::string& url, const GitOptions& options, std::stop_token stop);

}  // namespace larder::vcs
