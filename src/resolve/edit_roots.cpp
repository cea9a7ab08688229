// SPDX-License-Identifier: Apache-2.0
#include "resolve/edit_roots.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace larder::resolve {

namespace {

using Note = std::function<void(const std::string&)>;
using Versions = std::map<std::string, std::string, std::less<>>;  // by path

// What is wrong with a module version: nothing, or that what it requires breaks a wanted version, or that
// this cannot be known. Seen through pruning (only its own list counts) and without it.
struct Fault {
  bool pruned = false;
  bool unpruned = false;
  bool unreadable = false;  // a go.mod that cannot be had is behind it
};

// The faults of all modules of a graph. A fault travels from a requirement to those who require it; that of a
// root counts in full, since whoever requires a root takes in all that the root brings.
class Faults {
 public:
  Faults(const Graph& graph, const Versions& must, std::map<Module, Pruning> roots)
      : must_(must), roots_(std::move(roots)) {
    for (const auto& failure : graph.failures()) failed_[failure.chain.back()] = failure.alone;
    auto modules = graph.modules();
    std::reverse(modules.begin(), modules.end());  // leaves first: few rounds
    for (const auto& m : modules) {
      if (m.version.empty()) continue;
      nodes_.push_back({m, graph.required_by(m)});
      if (is_above(m) ||
          std::ranges::any_of(nodes_.back().required, [&](const auto& r) { return is_above(r); })) {
        faults_[m] = {.pruned = true, .unpruned = true};
      } else if (failed_.contains(m)) {
        faults_[m] = {.pruned = true, .unpruned = true, .unreadable = true};
      }
    }
    while (spread()) {
    }
  }

  // nullptr: the module may be there.
  const Fault* of(const Module& m, Pruning pruning) const {
    const auto it = faults_.find(m);
    if (it == faults_.end()) return nullptr;
    return (pruning == Pruning::unpruned ? it->second.unpruned : it->second.pruned) ? &it->second : nullptr;
  }

  // "A@v1 indirectly requires C@v3: CAUSE": of the go.mod that cannot be had and is nearest.
  std::string unreadable_behind(const Module& m) const {
    std::vector<std::pair<Module, std::size_t>> seen = {{m, 0}};  // with the distance
    std::set<Module> known = {m};
    std::map<Module, const Node*> nodes;
    for (const auto& node : nodes_) nodes[node.module] = &node;
    for (std::size_t i = 0; i < seen.size(); ++i) {
      const auto [module, distance] = seen[i];
      if (const auto why = failed_.find(module); why != failed_.end()) {
        if (distance == 0) return why->second;
        return m.str() + (distance > 1 ? " indirectly requires " : " requires ") + why->second;
      }
      const auto node = nodes.find(module);
      if (node == nodes.end()) continue;
      for (const auto& r : node->second->required) {
        if (known.insert(r).second) seen.emplace_back(r, distance + 1);
      }
    }
    return m.str();
  }

 private:
  struct Node {
    Module module;
    std::vector<Module> required;
  };

  bool is_above(const Module& m) const {
    const auto it = must_.find(m.path);
    return it != must_.end() && compare_versions(m.path, m.version, it->second) > 0;
  }

  bool spread() {
    bool changed = false;
    for (const auto& node : nodes_) {
      const auto own = roots_.find(node.module);
      for (const auto& r : node.required) {
        const auto there = faults_.find(r);
        if (there == faults_.end()) continue;
        const auto root = roots_.find(r);
        const bool full = root != roots_.end() && of(r, root->second) != nullptr;
        const bool brings_all = own != roots_.end() && own->second == Pruning::unpruned;
        changed = mark(node.module, full || (there->second.unpruned && brings_all),
                       full || there->second.unpruned, there->second.unreadable) ||
                  changed;
      }
    }
    return changed;
  }

  bool mark(const Module& m, bool pruned, bool unpruned, bool unreadable) {
    if (!pruned && !unpruned) return false;
    auto& fault = faults_[m];
    const bool is_new = !fault.pruned && !fault.unpruned;
    const bool changes = (pruned && !fault.pruned) || (unpruned && !fault.unpruned);
    if (is_new) fault.unreadable = unreadable;
    fault.pruned = fault.pruned || pruned;
    fault.unpruned = fault.unpruned || unpruned;
    return changes;
  }

  const Versions& must_;
  std::map<Module, Pruning> roots_;
  std::map<Module, std::string> failed_;  // why
  std::vector<Node> nodes_;
  std::map<Module, Fault> faults_;
};

class Edit {
 public:
  Edit(Resolver& resolver, const Requirements& from, std::span<const Module> must, VersionHistory& history,
       const Note& note)
      : resolver_(resolver), from_(from), history_(history), note_(note) {
    for (const auto& m : must) must_[m.path] = m.version;
  }

  Result<Requirements> run() {
    TRY(start());
    // Each round but the last rejects a version for good or raises a root, so it ends.
    for (bool again = true; again;) again = TRY(round());
    return result();
  }

 private:
  Result<void> start() {
    if (from_.pruning == Pruning::unpruned) {
      // All that is selected may be there for a package.
      const auto& graph = TRY(original());
      for (const auto& m : graph.get().build_list()) {
        if (!m.version.empty()) wanted_[m.path] = m.version;
      }
    } else {
      for (const auto& m : from_.roots) wanted_[m.path] = m.version;  // in order: the highest is last
    }
    for (const auto& [path, version] : must_) wanted_[path] = version;
    return {};
  }

  Result<std::reference_wrapper<const Graph>> original() {
    if (!original_) original_.emplace(resolver_.load(from_));
    if (auto error = original_->error(); error && from_.pruning == Pruning::unpruned)
      return fail(*std::move(error));
    return std::cref(*original_);
  }

  std::vector<Module> roots() const {
    std::vector<Module> out;
    for (const auto& [path, version] : wanted_) {
      if (version != k_none) out.push_back({path, version});
    }
    sort_modules(out);
    return out;
  }

  // With the requirements of whatever is selected for the path of a root.
  Graph extended(const std::vector<Module>& roots) {
    const Requirements list{from_.pruning, roots, from_.direct};
    Graph graph = resolver_.load(list);
    if (from_.pruning == Pruning::unpruned) return graph;
    for (raised_.clear();;) {
      const auto before = raised_.size();
      for (const auto& [path, version] : wanted_) {
        const auto selected = graph.selected(path);
        if (!selected || selected->empty()) continue;
        Module m{path, std::string(*selected)};
        if (!graph.loaded(m)) raised_.insert(std::move(m));
      }
      if (raised_.size() == before) return graph;
      graph = resolver_.load(list, std::vector<Module>(raised_.begin(), raised_.end()));
    }
  }

  std::map<Module, Pruning> prunings(const std::vector<Module>& roots) {
    std::vector<Module> all = roots;
    all.insert(all.end(), raised_.begin(), raised_.end());
    std::map<Module, Pruning> out;
    if (from_.pruning == Pruning::unpruned) {
      for (const auto& m : all) out[m] = Pruning::unpruned;
      return out;
    }
    const auto summaries = resolver_.summaries(all);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const bool old = summaries[i] && (*summaries[i])->pruning == Pruning::unpruned;
      out[all[i]] = old && !is_toolchain_path(all[i].path) ? Pruning::unpruned : Pruning::pruned;
    }
    return out;
  }

  // True: something changed, look again. As go, which lists all conflicts, it goes on behind the first: older
  // versions of other roots are looked for.
  Result<bool> round() {
    const auto list = roots();
    const Graph graph = extended(list);
    const auto prunings_of = prunings(list);
    const Faults faults(graph, must_, prunings_of);
    std::optional<Error> conflict;
    bool changed = false;
    for (const auto& m : list) {
      const auto pruning = prunings_of.at(m);
      const auto* fault = faults.of(m, pruning);
      if (fault == nullptr) continue;
      const auto must = must_.find(m.path);
      if (must != must_.end() && must->second == m.version) {
        conflict.emplace(Kind::invalid, m.str() + " cannot be selected together with the other versions");
        continue;
      }
      const auto selected = selected_of(graph, m.path);
      const Module other{m.path, selected};
      if (selected != m.version && faults.of(other, pruning) == nullptr && !rejected_.contains(other))
        continue;
      const auto before = selected_of(TRY(original()).get(), m.path);
      if (fault->unreadable && before == m.version) {
        conflict.emplace(Kind::invalid, m.str() + ": what it requires is not known");
        continue;
      }
      auto next = TRY(lower(m, before, faults));
      if (fault->unreadable) tell(faults.unreadable_behind(m), m, next, before);
      wanted_[m.path] = std::move(next);
      changed = true;
    }
    if (conflict) return fail(*std::move(conflict));
    return changed || accept_upgrades(graph);
  }

  static std::string selected_of(const Graph& graph, std::string_view path) {
    const auto version = graph.selected(path);
    return version ? std::string(*version) : std::string(k_none);
  }

  void tell(const std::string& why, const Module& m, const std::string& next,
            const std::string& before) const {
    const std::string now = next == k_none   ? "removing " + m.str()
                            : next == before ? "restoring " + Module{m.path, next}.str()
                                             : "trying " + Module{m.path, next}.str();
    note_(why + "\n\t" + now);
  }

  // The next version below m that is not known to be wrong; the one that was there before counts, listed or
  // not.
  Result<std::string> lower(const Module& m, const std::string& before, const Faults& faults) {
    rejected_.insert(m);
    const bool from_above = compare_versions(m.path, m.version, before) > 0;
    Module next = m;
    for (;;) {
      auto version = history_.previous(next);
      const bool passes = from_above && !rejected_.contains({m.path, before}) &&
                          (!version || compare_versions(m.path, *version, before) < 0);
      if (!version && !passes) return fail(std::move(version).error());
      next.version = passes ? before : *std::move(version);
      if (next.version == k_none) return next.version;
      if (rejected_.contains(next)) continue;
      if (faults.of(next, from_.pruning) == nullptr) return next.version;
      rejected_.insert(next);
    }
  }

  bool accept_upgrades(const Graph& graph) {
    bool changed = false;
    for (auto& [path, version] : wanted_) {
      if (must_.contains(path)) continue;
      auto selected = selected_of(graph, path);
      if (selected == version || selected.empty()) continue;
      version = std::move(selected);
      changed = true;
    }
    return changed;
  }

  Result<Requirements> result() {
    auto list = roots();
    if (from_.pruning == Pruning::unpruned) list = TRY(shortest(list));
    if (list == from_.roots) return from_;
    Requirements out{from_.pruning, std::move(list), {}};
    for (const auto& m : out.roots) {
      if (from_.direct.contains(m.path)) out.direct.insert(m.path);
    }
    const auto go = out.root_version(k_go);
    if (out.pruning == Pruning::unpruned && go && pruning_for(*go) == Pruning::pruned)
      return resolver_.convert_pruning(out, Pruning::pruned);
    return out;
  }

  Result<std::vector<Module>> shortest(const std::vector<Module>& list) {
    std::vector<std::string> base;
    for (const auto& [path, version] : must_) {
      if (version != k_none && !resolver_.mains().contains(path)) base.push_back(path);
    }
    for (const auto& m : list) {
      const auto before = from_.root_version(m.path);
      if (before && (*before == m.version || from_.direct.contains(m.path))) base.push_back(m.path);
    }
    return resolver_.mvs().minimal(list, base);
  }

  Resolver& resolver_;
  const Requirements& from_;
  VersionHistory& history_;
  const Note& note_;
  Versions must_;
  Versions wanted_;  // the roots
  std::set<Module> raised_;
  std::set<Module> rejected_;
  std::optional<Graph> original_;
};

}  // namespace

Result<Requirements> select_versions(Resolver& resolver, const Requirements& from,
                                     std::span<const Module> must, VersionHistory& history,
                                     const Note& note) {
  LARDER_ASSERT(from.pruning != Pruning::workspace);
  return Edit(resolver, from, must, history, note).run();
}

}  // namespace larder::resolve
