// SPDX-License-Identifier: Apache-2.0
// From a module path to the repository that holds it: by well-known code hosts, by an element such as
// "repo.git" in the path, else by the go-import tag of the page at the path. Thread rule: pure but for the
// ports, which must bear any thread. Spec: go-modules.md 5.6, 5.7.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace larder::vcs {

struct RepoRoot {
  std::string vcs;     // "git", "hg", "svn", "bzr", "fossil"; "mod": repo is the base of a GOPROXY
  std::string repo;    // URL
  std::string root;    // module path that subdir of the repository stands for
  std::string subdir;  // usually empty

  friend bool operator==(const RepoRoot&, const RepoRoot&) = default;
};

// What was answered for a page.
struct Page {
  std::string url;                    // as it was asked for, redacted
  std::string text;                   // at most k_max_page bytes
  std::optional<Error> status_error;  // where the status was not 200
};

class Pages {
 public:
  virtual ~Pages() = default;
  // https://PATH?go-get=1; `insecure` allows bad certificates and http. path: "example.com/m".
  virtual Result<Page> get(std::string_view path, bool insecure, std::stop_token stop) const = 0;
};

struct LookupOptions {
  std::string govcs;
  std::string goprivate;
  bool insecure = false;           // GOINSECURE matches the path
  std::string git_allow_protocol;  // GIT_ALLOW_PROTOCOL: the schemes of git that count as safe
  // Is there a git repository at this URL?
  std::function<bool(const std::string& url, std::stop_token)> is_git;
};

// What a path alone tells. nullopt: nothing, ask for the page. A root without a scheme in `repo` is to be
// tried with several.
Result<std::optional<RepoRoot>> static_repo_root(std::string_view path);

// Kind::not_found with go's words where no repository is found, whatever the reason; Kind::cancelled.
Result<RepoRoot> find_repo_root(std::string_view path, const Pages& pages, const LookupOptions& options,
                                std::stop_token stop);

}  // namespace larder::vcs
