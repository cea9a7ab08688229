// SPDX-License-Identifier: Apache-2.0
// Minimal version selection without pruning: the four operations on a main module with the requirements
// given. Results are lists without the main module, sorted by path. Not for workspaces, which have no
// requirements of their own: each of their modules is upgraded alone.
// Thread rule: as Resolver. Spec: go-resolution.md 3.4.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "resolve/graph.hpp"
#include "resolve/versions.hpp"

namespace larder::resolve {

class Loader;

// Port: the version before another one, for downgrades.
class VersionHistory {
 public:
  virtual ~VersionHistory() = default;
  // The highest known version below m.version, or "none".
  virtual Result<std::string> previous(const Module& m) = 0;
};

class Mvs {
 public:
  explicit Mvs(Loader& loader) : loader_(loader) {}

  Result<std::vector<Module>> build_list(std::span<const Module> require);
  // The shortest list that has the same build list: the paths of `base`, and what they do not imply.
  Result<std::vector<Module>> minimal(std::span<const Module> require, std::span<const std::string> base);
  // Raises modules to at least the versions given; paths that are not required yet are added.
  Result<std::vector<Module>> upgrade(std::span<const Module> require, std::span<const Module> to);
  // Lowers modules until none is above the versions given; "none" removes a module.
  Result<std::vector<Module>> downgrade(std::span<const Module> require, std::span<const Module> to,
                                        VersionHistory& history);

 private:
  Graph load(std::span<const Module> require, std::span<const Module> upgrades = {});
  static std::vector<Module> without_main(const Graph& graph);

  Loader& loader_;
};

}  // namespace larder::resolve
