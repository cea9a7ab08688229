// SPDX-License-Identifier: Apache-2.0
// A tree that is extracted beside its place and gets its name when it is whole and checked; and the sweeping
// of what crashed processes left. All of it under the version's lock. Thread rule: one thread.
// Spec: go-modules.md 1.1, 2.3.
#pragma once

#include "base/result.hpp"
#include "modcache/paths.hpp"
#include "sys/files.hpp"

namespace larder::modcache {

class TempTree {
 public:
  explicit TempTree(const Path& target);  // creates nothing
  ~TempTree();                            // removes what was not published
  TempTree(TempTree&&) = delete;
  TempTree& operator=(TempTree&&) = delete;

  const Path& path() const { return path_; }  // "<target>.tmp-<digits>"
  Result<void> publish();                     // the target must not exist

 private:
  Path path_;
  Path target_;
};

// Removes "<version>.zip*.tmp" and "<dir>.tmp-*"; best effort.
void sweep_leftovers(const Paths& paths);

}  // namespace larder::modcache
