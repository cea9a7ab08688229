// SPDX-License-Identifier: Apache-2.0
// What `mod vendor` writes: the packages to copy, and modules.txt.
// Thread rule: one thread. Spec: go-resolution.md 7 (mod vendor).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "resolve/packages.hpp"

namespace larder::resolve {

struct VendorPlan {
  std::vector<const Package*> packages;  // of dependencies, in the order of modules.txt
  std::vector<Module> described;         // whose go versions it shows: the selected ones
  bool shows_go_versions = false;
  std::string modules_txt;
  std::vector<std::size_t> line_ends;  // of the packages, in modules_txt
  // What ends it behind these packages and the last line of modules_txt: a replacement inside the vendor
  // folder, a graph that cannot be loaded.
  std::optional<Error> failure;
  std::vector<Error>
      conflicts;  // of replacements that nothing needs: they are told, and modules.txt is written
};

// Error: modules whose paths differ in letter case only.
Result<VendorPlan> plan_vendor(Resolver& resolver, const PackageGraph& packages, Snapshot& in);

}  // namespace larder::resolve
