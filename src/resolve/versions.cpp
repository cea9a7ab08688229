// SPDX-License-Identifier: Apache-2.0
#include "resolve/versions.hpp"

#include <algorithm>

#include "gomod/goversion.hpp"
#include "gomod/semver.hpp"

namespace larder::resolve {

using gomod::goversion::compare;

Pruning pruning_for(std::string_view go_version) {
  return compare(go_version, k_pruning_go) < 0 ? Pruning::unpruned : Pruning::pruned;
}

namespace {

// A toolchain may also be written as the bare go version.
std::string_view toolchain_version(std::string_view name) {
  return gomod::goversion::valid(name) ? name : gomod::goversion::from_toolchain(name);
}

}  // namespace

int compare_versions(std::string_view path, std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return static_cast<int>(a.empty()) - static_cast<int>(b.empty());
  if (path == k_go) return compare(a, b);
  if (path == k_toolchain) return compare(toolchain_version(a), toolchain_version(b));
  return gomod::semver::compare(a, b);
}

bool module_before(const Module& a, const Module& b) {
  if (const int paths = a.path.compare(b.path); paths != 0) return paths < 0;
  const int versions = compare_versions(a.path, a.version, b.version);
  return versions != 0 ? versions < 0 : a.version < b.version;
}

void sort_modules(std::vector<Module>& modules) {
  std::ranges::sort(modules, module_before);
}

}  // namespace larder::resolve
