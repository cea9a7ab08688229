// SPDX-License-Identifier: Apache-2.0
#include "resolve/keep_sums.hpp"

#include "gomod/check.hpp"

namespace larder::resolve {

void KeepSums::merge(const KeepSums& other) {
  zips_.insert(other.zips_.begin(), other.zips_.end());
  go_mods_.insert(other.go_mods_.begin(), other.go_mods_.end());
}

namespace {

// Every module whose path is a prefix of the package's had to be looked into.
void keep_prefixes(Resolver& resolver, const Package& package, Snapshot& in, KeepSums& out) {
  const auto& roots = in.requirements;
  const Module& provider = package.module;
  const bool through_roots =
      roots.pruning == Pruning::pruned && !provider.path.empty() &&
      (resolver.mains().contains(provider.path) || roots.root_version(provider.path) == provider.version);
  const Graph* graph = through_roots ? nullptr : &in.load(resolver);
  for (auto prefix = std::string_view(package.path); !prefix.empty(); prefix = parent_path(prefix)) {
    const auto version = graph != nullptr ? graph->selected(prefix) : roots.root_version(prefix);
    if (!version || *version == k_none) continue;
    out.add_zip(resolver.mains().actual({std::string(prefix), std::string(*version)}));
  }
}

}  // namespace

KeepSums keep_sums(Resolver& resolver, const PackageGraph& packages, Snapshot& in, const KeepRules& rules) {
  const auto& mains = resolver.mains();
  KeepSums out;
  for (const auto* package : packages.packages()) {
    if (package->is_test() || (package->module.path.empty() && !package->error) ||
        !gomod::check_import_path(package->path)) {
      continue;
    }
    if (rules.package_go_mods) out.add_go_mod(mains.actual(package->module));
    keep_prefixes(resolver, *package, in, out);
  }
  if (!in.graph) {
    for (const auto& m : in.requirements.roots) {
      out.add_go_mod(mains.actual(m));
      if (rules.build_list_zips) out.add_zip(mains.actual(m));
    }
    return out;
  }
  const auto modules = in.graph->modules();
  for (const auto& m : modules) {
    if (in.graph->loaded(m)) out.add_go_mod(mains.actual(m));
  }
  if (!rules.build_list_zips) return out;
  const auto build_list = in.graph->build_list();
  for (const auto& m : build_list) {
    if (rules.package_go_mods) out.add_go_mod(mains.actual(m));
    out.add_zip(mains.actual(m));
  }
  return out;
}

}  // namespace larder::resolve
