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

namespace {

// "1.21.3" of a version of `go` or `toolchain`.
std::string_view go_version_of(std::string_view path, std::string_view version) {
  return path == k_toolchain ? gomod::goversion::from_toolchain(version) : version;
}

}  // namespace

bool is_version(std::string_view path, std::string_view text) {
  return is_toolchain_path(path) ? gomod::goversion::valid(go_version_of(path, text))
                                 : gomod::semver::valid(text);
}

bool is_version_prefix(std::string_view path, std::string_view version) {
  if (is_toolchain_path(path)) return gomod::goversion::is_lang(go_version_of(path, version));
  return std::ranges::count(version.substr(0, version.find_first_of("-+")), '.') < 2;
}

bool is_prerelease(std::string_view path, std::string_view version) {
  return is_toolchain_path(path) ? gomod::goversion::is_prerelease(go_version_of(path, version))
                                 : !gomod::semver::prerelease(version).empty();
}

std::string major_minor(std::string_view path, std::string_view version) {
  if (!is_toolchain_path(path)) return std::string(gomod::semver::major_minor(version));
  const auto lang = gomod::goversion::lang(go_version_of(path, version));
  return path == k_toolchain ? "go" + lang : lang;
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
