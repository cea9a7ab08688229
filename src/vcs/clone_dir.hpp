// SPDX-License-Identifier: Apache-2.0
// The folder below GOMODCACHE/cache/vcs that holds the bare clone of a repository, shared with the go
// command: named by the SHA-256 of "TYPE:URL", with the key itself in `.info` and flock on `.lock` beside it.
// Thread rule: a value; locks of two threads exclude each other. Spec: go-modules.md 1.3, 2.2.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "sys/files.hpp"
#include "sys/lock.hpp"

namespace larder::vcs {

using sys::Path;

class CloneDir {
 public:
  // Makes an empty folder where there is none of this key. type: "git3".
  static Result<CloneDir> open(const Path& modcache, std::string_view type, std::string_view url,
                               const std::stop_token& stop);

  const Path& path() const { return path_; }
  Result<sys::FileLock> lock(const std::stop_token& stop) const;

 private:
  explicit CloneDir(Path path) : path_(std::move(path)) {}
  Result<void> prepare(const std::string& key, const std::stop_token& stop) const;
  Path beside(std::string_view suffix) const;

  Path path_;
};

}  // namespace larder::vcs
