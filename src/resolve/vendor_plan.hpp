// SPDX-License-Identifier: Apache-2.0
// What `mod vendor` writes: the packages to copy, and modules.txt.
// Thread rule: one thread. Spec: go-resolution.md 7 (mod vendor).
#pragma once

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
};

// Errors: a replacement inside the vendor folder, modules whose paths differ in letter case only.
Result<VendorPlan> plan_vendor(Resolver& resolver, const PackageGraph& packages, Snapshot& in);

}  // namespace larder::resolve
