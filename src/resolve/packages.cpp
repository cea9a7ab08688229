// SPDX-License-Identifier: Apache-2.0
#include "resolve/packages.hpp"

#include <algorithm>
#include <unordered_set>

namespace larder::resolve {

namespace {

std::vector<const Package*> way_to(const Package& package) {
  std::vector<const Package*> out;
  for (const auto* p = &package; p != nullptr; p = p->stack) out.push_back(p);
  std::reverse(out.begin(), out.end());
  return out;
}

std::string shown(const Package& package) {
  return package.is_test() ? package.path + ".test" : package.path;
}

}  // namespace

std::string Package::stack_text() const {
  const auto way = way_to(*this);
  std::string out;
  for (std::size_t i = 0; i < way.size(); ++i) {
    out += shown(*way[i]);
    if (i + 1 < way.size()) out += way[i + 1]->test_of == way[i] ? " tested by\n\t" : " imports\n\t";
  }
  return out;
}

std::string Package::why() const {
  std::string out;
  for (const auto* p : way_to(*this)) out += shown(*p) + '\n';
  return out;
}

int Package::depth() const {
  int out = 0;
  for (const auto* p = this; p != nullptr; p = p->stack) ++out;
  return out;
}

bool PackageGraph::is_external(const Package& package) const {
  return !package.module.path.empty() && !finder_.resolver().mains().contains(package.module.path);
}

const Package* PackageGraph::find(std::string_view path) const {
  const auto it = by_path_.find(std::string(path));
  return it == by_path_.end() ? nullptr : it->second;
}

void PackageGraph::load(const std::vector<std::string>& roots, Snapshot& in, const PackageRules& rules) {
  rules_ = rules;
  order_.clear();
  by_path_.clear();
  storage_.clear();
  for (const auto& path : roots) get(path, k_is_root);
  while (!wave_.empty()) load_wave(in);
  build_stacks(roots);
}

void PackageGraph::load_wave(Snapshot& in) {
  const auto wave = std::exchange(wave_, {});
  std::vector<std::string> paths;
  paths.reserve(wave.size());
  for (const auto* p : wave) paths.push_back(p->path);
  auto providers = finder_.find(
      paths, in,
      {.with_graph = in.requirements.pruning == Pruning::unpruned, .skip_mod_files = rules_.skip_mod_files});
  std::vector<DirScan> scans(wave.size());
  finder_.source().each(wave.size(), [&](std::size_t i) {
    const auto& provider = providers[i];
    if (provider.dir.empty() || is_skipped(provider)) return;
    scans[i] = finder_.source().scan(provider.root, provider.dir);
  });
  for (std::size_t i = 0; i < wave.size(); ++i) {
    Package& package = *wave[i];
    package.in_std = providers[i].module.path.empty() && !providers[i].dir.empty();
    package.module = std::move(providers[i].module);
    package.root = std::move(providers[i].root);
    package.dir = std::move(providers[i].dir);
    package.alternatives = std::move(providers[i].alternatives);
    package.error = std::move(providers[i].error);
    if (tools_.contains(package.path)) apply(&package, k_in_all);
    if (!package.dir.empty()) link(&package, std::move(scans[i]));
  }
}

bool PackageGraph::is_skipped(const Provider& provider) const {
  return rules_.skip_std && provider.module.path.empty();
}

void PackageGraph::link(Package* package, DirScan scan) {
  if (finder_.resolver().mains().contains(package->module.path)) apply(package, k_in_all);
  if (scan.no_go) {
    package->error = ImportError{ImportFault::no_go, Error(Kind::invalid, "no Go source files")};
    return;
  }
  if (scan.error) {
    package->error = ImportError{ImportFault::other, *std::move(scan.error)};
    return;
  }
  package->imports = import_list(*package, scan.imports, package->in_all ? k_in_all : 0U);
  package->test_imports = std::move(scan.test_imports);
  apply(package, k_loaded);
}

std::vector<Package*> PackageGraph::import_list(const Package& from, const std::vector<std::string>& paths,
                                                unsigned flags) {
  std::vector<Package*> out;
  out.reserve(paths.size());
  for (const auto& path : paths) out.push_back(get(from.in_std ? std_vendored(from, path) : path, flags));
  return out;
}

std::string PackageGraph::std_vendored(const Package& from, const std::string& path) const {
  if (is_std_path(path)) return path;
  const auto vendored = (could_contain("cmd", from.path) ? "cmd/vendor/" : "vendor/") + path;
  return finder_.source().std_has_folder(vendored) ? vendored : path;
}

Package* PackageGraph::get(const std::string& path, unsigned flags) {
  auto& slot = by_path_[path];
  if (slot == nullptr) {
    slot = &storage_.emplace_back();
    slot->path = path;
    wave_.push_back(slot);
  }
  Package* const package = slot;
  apply(package, flags);
  return package;
}

// Applying a flag can lead to others, as deep as the import graph is: a work list, not recursion.
void PackageGraph::apply(Package* package, unsigned flags) {
  if (flags == 0) return;
  work_.push_back({package, flags});
  if (working_) return;
  working_ = true;
  while (!work_.empty()) {
    const Work next = work_.back();
    work_.pop_back();
    apply_one(next);
  }
  working_ = false;
}

void PackageGraph::apply_one(const Work& work) {
  Package* const package = work.package;
  unsigned flags = work.flags;
  if ((flags & k_in_all) != 0 && rules_.all_is_root && !package->is_test()) flags |= k_is_root;
  const bool new_all = (flags & k_in_all) != 0 && !package->in_all;
  const bool new_root = (flags & k_is_root) != 0 && !package->is_root;
  const bool new_loaded = (flags & k_loaded) != 0 && !package->loaded;
  package->in_all = package->in_all || new_all;
  package->is_root = package->is_root || new_root;
  package->loaded = package->loaded || new_loaded;
  if (!(new_all || new_root || new_loaded) || !package->loaded) return;
  if (!package->is_test()) {
    const bool of_main = finder_.resolver().mains().contains(package->module.path);
    const bool closed = rules_.closes_over_tests && package->in_all;
    if ((rules_.all_is_root && (of_main || closed)) || (rules_.load_tests && package->is_root)) {
      want_test(package, of_main || closed ? k_in_all : 0U);
    }
  }
  if (!package->in_all || (!new_all && !new_loaded)) return;
  for (auto* next : package->imports) work_.push_back({next, k_in_all});
}

void PackageGraph::want_test(Package* package, unsigned flags) {
  if (package->test != nullptr) return work_.push_back({package->test, flags});
  Package* const test = &storage_.emplace_back();
  package->test = test;
  test->path = package->path;
  test->test_of = package;
  test->module = package->module;
  test->root = package->root;
  test->dir = package->dir;
  test->error = package->error;
  test->in_std = package->in_std;
  test->imports = import_list(*test, package->test_imports, flags);
  work_.push_back({test, flags | k_loaded});
}

void PackageGraph::build_stacks(const std::vector<std::string>& roots) {
  std::unordered_set<const Package*> seen;
  for (const auto& path : roots) {
    Package* const package = by_path_.at(path);
    if (seen.insert(package).second) order_.push_back(package);
  }
  const auto reach = [&](const Package* from, Package* to) {
    if (!seen.insert(to).second) return;
    to->stack = from;
    order_.push_back(to);
  };
  for (std::size_t i = 0; i < order_.size(); ++i) {
    Package* const package = order_[i];
    for (auto* next : package->imports) reach(package, next);
    if (package->test != nullptr) reach(package, package->test);
  }
}

}  // namespace larder::resolve
