// SPDX-License-Identifier: Apache-2.0
// Copies the packages of dependencies into a vendor folder, as `go mod vendor` does: sources, licences up to
// the module's root, embedded files. What to copy is decided elsewhere (resolve/vendor_plan.hpp).
// Thread rule: one call; it copies on several threads. Spec: go-resolution.md 7 (mod vendor).
#pragma once

#include <cstddef>
#include <stop_token>
#include <string>
#include <vector>

#include "app/module_zip.hpp"
#include "base/result.hpp"
#include "sys/files.hpp"

namespace larder::app {

struct VendoredPackage {
  std::string path;         // of the package
  std::string module_path;  // its module's
  std::string dir;          // where its files are
  ModuleZipPtr zip = {};    // they are in there, as if it was extracted
};

struct VendorRules {
  bool drop_mod_files = true;  // go.mod and go.sum stay behind (from go 1.17)
  bool test_embeds = false;    // patterns in tests count (below go 1.22)
  unsigned threads = 4;
  std::stop_token stop;
};

// The folder and all below it; what its links lead to stays. Absent is fine.
Result<void> remove_vendor(const sys::Path& vendor, const VendorRules& rules);

struct CopyFailure {
  std::size_t package;  // its number; behind the last: a licence
  // "resolving embeds in P: pattern X: no matching files found", or what ends the command whatever is
  // allowed.
  Error error;
  bool ends = false;
};

// The failures, in the order of the packages, up to one that ends it: what comes behind that is not copied.
// As go has it, every failure does but those of embedded files.
std::vector<CopyFailure> copy_packages(const std::vector<VendoredPackage>& packages, const sys::Path& vendor,
                                       const VendorRules& rules);

}  // namespace larder::app
