// SPDX-License-Identifier: Apache-2.0
// Which lines a go.sum needs for what was loaded.
// Thread rule: one thread. Spec: go-resolution.md 5.2.
#pragma once

#include <cstdint>
#include <set>

#include "resolve/packages.hpp"

namespace larder::resolve {

class KeepSums {
 public:
  bool zip(const Module& m) const { return zips_.contains(m); }
  bool go_mod(const Module& m) const { return go_mods_.contains(m); }
  void add_zip(const Module& m) { zips_.insert(m); }
  void add_go_mod(const Module& m) { go_mods_.insert(m); }
  void merge(const KeepSums& other);

 private:
  std::set<Module> zips_;
  std::set<Module> go_mods_;
};

struct KeepRules {
  bool package_go_mods = true;   // the go.mod of every module that provides a package
  bool build_list_zips = false;  // the zips of the whole build list, too
};

// Replaced modules count as what they are replaced by. Loads the graph where packages are found through it.
KeepSums keep_sums(Resolver& resolver, const PackageGraph& packages, Snapshot& in, const KeepRules& rules);

}  // namespace larder::resolve
