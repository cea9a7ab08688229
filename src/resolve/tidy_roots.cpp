// SPDX-License-Identifier: Apache-2.0
#include "resolve/tidy_roots.hpp"

#include <algorithm>
#include <map>
#include <unordered_set>

namespace larder::resolve {

namespace {

// Does a go.mod of these roots ask for more than the roots give? Then the graph has to be loaded. As go has
// it, any version of a main module is more than the main module, which has none.
bool spot_check(Resolver& resolver, const Requirements& roots, const std::vector<Module>& modules) {
  const auto summaries = resolver.summaries(modules);
  return std::ranges::all_of(summaries, [&](const auto& summary) {
    if (!summary) return false;
    return std::ranges::all_of((*summary)->require, [&](const Module& r) {
      if (resolver.mains().contains(r.path)) return resolver.mains().excluded(r);
      const auto version = roots.root_version(r.path);
      return !version || compare_versions(r.path, *version, r.version) >= 0 || resolver.mains().excluded(r);
    });
  });
}

bool raises(const Requirements& roots, std::span<const Module> add) {
  return std::ranges::any_of(add, [&](const Module& m) {
    const auto version = roots.root_version(m.path);
    return !version || compare_versions(m.path, *version, m.version) < 0;
  });
}

// go and toolchain stay as they are; other roots are those that packages need.
std::vector<Module> language_roots(const Requirements& from) {
  std::vector<Module> out;
  for (const auto path : {k_go, k_toolchain}) {
    if (const auto version = from.root_version(path)) {
      out.push_back({std::string(path), std::string(*version)});
    }
  }
  return out;
}

Result<SnapshotPtr> with_roots(Resolver& resolver, const Snapshot& from, std::vector<Module> roots) {
  sort_modules(roots);
  auto out = std::make_shared<Snapshot>(
      Requirements{from.requirements.pruning, std::move(roots), from.requirements.direct});
  if (auto error = out->load(resolver).error()) return fail(*std::move(error));
  return out;
}

class PrunedTidy {
 public:
  PrunedTidy(ImportFinder& finder, Snapshot& from, const PackageGraph& packages)
      : finder_(finder), from_(from), packages_(packages), roots_(language_roots(from.requirements)) {}

  Result<SnapshotPtr> run() {
    for (const auto& m : finder_.resolver().mains().modules()) paths_.insert(m.path);
    for (const auto& m : roots_) paths_.insert(m.path);
    for (auto* package : packages_.packages()) {
      if (!package->in_all) continue;
      if (packages_.is_external(*package)) add(package->module);
      enqueue(package);
    }
    tidy_ = TRY(with_roots(finder_.resolver(), from_, roots_));
    while (!queue_.empty()) TRY(follow());
    while (TRY(disambiguate())) {
    }
    return tidy_;
  }

 private:
  void add(const Module& module) {
    if (paths_.insert(module.path).second) roots_.push_back(module);
  }
  void enqueue(Package* package) {
    if (queued_.insert(package).second) queue_.push_back(package);
  }
  Result<void> reload() {
    if (roots_.size() == tidy_->requirements.roots.size()) return {};
    tidy_ = TRY(with_roots(finder_.resolver(), from_, roots_));
    return {};
  }

  // One step outwards. A module that pruning hides would be found at a lower version: it becomes a root.
  Result<void> follow() {
    const Graph& graph = *tidy_->graph;
    for (const auto* package : std::exchange(queue_, {})) {
      const Module& m = package->module;
      if (m.path.empty()) continue;
      for (auto* next : package->imports) enqueue(next);
      if (package->test != nullptr) enqueue(package->test);
      if (!paths_.contains(m.path) &&
          compare_versions(m.path, selected_or_none(graph, m.path), m.version) < 0) {
        add(m);
      }
    }
    return reload();
  }

  // A package that more than one module has is kept unambiguous by making its module a root.
  Result<bool> disambiguate() {
    std::vector<const Package*> doubtful;
    std::vector<std::string> names;
    for (const auto* package : packages_.packages()) {
      if (package->module.path.empty() || paths_.contains(package->module.path)) continue;
      doubtful.push_back(package);
      names.push_back(package->path);
    }
    const auto found = finder_.find(names, *tidy_, {.skip_mod_files = true});
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (found[i].error && found[i].error->fault == ImportFault::ambiguous) add(doubtful[i]->module);
    }
    const bool more = roots_.size() > tidy_->requirements.roots.size();
    TRY(reload());
    return more;
  }

  ImportFinder& finder_;
  Snapshot& from_;
  const PackageGraph& packages_;
  std::vector<Module> roots_;
  std::set<std::string, std::less<>> paths_;
  std::vector<Package*> queue_;
  std::unordered_set<const Package*> queued_;
  SnapshotPtr tidy_;
};

// Without pruning the list is what minimal version selection cannot infer.
Result<SnapshotPtr> tidy_unpruned(ImportFinder& finder, Snapshot& from, const PackageGraph& packages) {
  const Requirements& old = from.requirements;
  auto keep = language_roots(old);
  std::set<std::string, std::less<>> kept;
  for (const auto& m : keep) kept.insert(m.path);
  std::vector<std::string> base;
  std::map<std::string, std::string, std::less<>> alternatives;
  for (const auto* package : packages.packages()) {
    if (!packages.is_external(*package)) continue;
    if (kept.insert(package->module.path).second) {
      keep.push_back(package->module);
      if (old.direct.contains(package->module.path)) base.push_back(package->module.path);
    }
    for (const auto& m : package->alternatives) alternatives[m.path] = m.version;
  }
  auto mvs = finder.resolver().mvs();
  auto roots = TRY(mvs.minimal(keep, base));
  // A module that could have had a package, at an older version, might have it there: not to be lowered.
  bool lowered = false;
  const auto build_list = TRY(mvs.build_list(keep));
  for (const auto& m : build_list) {
    const auto it = alternatives.find(m.path);
    if (it == alternatives.end() || compare_versions(m.path, m.version, it->second) >= 0) continue;
    keep.push_back({m.path, it->second});
    lowered = true;
  }
  if (lowered) roots = TRY(mvs.minimal(keep, base));
  return std::make_shared<Snapshot>(Requirements{Pruning::unpruned, std::move(roots), old.direct});
}

}  // namespace

Result<SnapshotPtr> update_roots(ImportFinder& finder, const SnapshotPtr& from, const DirectPaths& direct,
                                 std::span<Package* const> packages, std::span<const Module> add) {
  auto& resolver = finder.resolver();
  Requirements roots = from->requirements;
  roots.direct = direct;
  std::vector<Module> wanted(add.begin(), add.end());
  if (roots.pruning == Pruning::pruned) {
    std::set<Module> spots;
    for (const auto* package : packages) {
      const auto& path = package->module.path;
      if (path.empty() || resolver.mains().contains(path)) continue;
      if (!package->in_all && !package->is_root) continue;
      if (roots.root_version(path)) {
        spots.insert(package->module);
      } else {
        wanted.push_back(package->module);
      }
    }
    const bool settled = !from->graph && !raises(roots, wanted);
    if (settled && !spot_check(resolver, roots, {spots.begin(), spots.end()})) {
      if (auto error = from->load(resolver).error()) return fail(*std::move(error));
    }
  } else {
    from->load(resolver);
  }
  const Graph* graph = from->graph ? &*from->graph : nullptr;
  auto updated = TRY(resolver.update_roots(roots, graph, wanted));
  if (updated == from->requirements) return from;
  const bool same_roots =
      updated.roots == from->requirements.roots && updated.pruning == from->requirements.pruning;
  return same_roots ? Snapshot::of_same_roots(std::move(updated), from)
                    : std::make_shared<Snapshot>(std::move(updated));
}

Result<SnapshotPtr> tidy_roots(ImportFinder& finder, Snapshot& from, const PackageGraph& packages) {
  if (from.requirements.pruning == Pruning::unpruned) return tidy_unpruned(finder, from, packages);
  return PrunedTidy(finder, from, packages).run();
}

}  // namespace larder::resolve
