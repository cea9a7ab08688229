// SPDX-License-Identifier: Apache-2.0
#include "resolve/resolver.hpp"

#include <algorithm>
#include <utility>

#include "gomod/goversion.hpp"
#include "gomod/toolchain.hpp"
#include "resolve/graph_builder.hpp"
#include "resolve/loader.hpp"

namespace larder::resolve {

Resolver::Resolver(MainModules mains, ModReader& reader, ResolverOptions options)
    : loader_(std::make_unique<Loader>(std::move(mains), reader, std::move(options))) {}
Resolver::~Resolver() = default;
Resolver::Resolver(Resolver&&) noexcept = default;
Resolver& Resolver::operator=(Resolver&&) noexcept = default;

const MainModules& Resolver::mains() const {
  return loader_->mains();
}

Mvs Resolver::mvs() {
  return Mvs(*loader_);
}

namespace {

// A root that can be seen to be wrong without loading anything.
bool has_redundant_root(const MainModules& mains, const std::vector<Module>& roots) {
  const bool twice = std::ranges::adjacent_find(roots, {}, &Module::path) != roots.end();
  return twice || std::ranges::any_of(roots, [&](const Module& m) { return mains.contains(m.path); });
}

}  // namespace

Result<Requirements> Resolver::initial() {
  auto rs = mains().initial();
  if (mains().is_workspace()) return rs;
  if (!loader_->options().vendored && has_redundant_root(mains(), rs.roots))
    rs = TRY(update_roots(rs, nullptr));
  const std::string& go = loader_->options().add_go_line;
  if (mains().has_go_line() || go.empty()) return rs;
  rs = override_roots(std::move(rs), {{std::string(k_go), go}});
  // The graph so far is that of an old, unpruned module, whatever the new line says.
  if (pruning_for(go) == Pruning::pruned) rs = TRY(convert_pruning(rs, Pruning::pruned));
  return rs;
}

Graph Resolver::load(const Requirements& requirements, std::span<const Module> forced) {
  GraphBuilder builder(*loader_);
  builder.force(forced);
  return builder.build(requirements.pruning, requirements.roots);
}

Resolver::Expanded Resolver::expand(Requirements requirements) {
  Graph graph = load(requirements);
  auto error = graph.error();
  if (error || graph.all_roots_selected())
    return {std::move(requirements), std::move(graph), std::move(error)};
  auto updated = update_roots(requirements, &graph);
  if (!updated) return {std::move(requirements), std::move(graph), std::move(updated).error()};
  if (*updated == requirements) return {std::move(requirements), std::move(graph), std::nullopt};
  Graph again = load(*updated);
  error = again.error();
  return {*std::move(updated), std::move(again), std::move(error)};
}

Result<Graph> Resolver::graph_for_go(const Requirements& requirements, std::string_view go_version) {
  using gomod::goversion::compare;
  const std::string_view own = requirements.root_version(k_go).value_or(k_default_mod_go);
  if (compare(own, k_strict_go) >= 0 && compare(go_version, own) < 0) {
    return fail(Kind::invalid, "requested Go version " + std::string(go_version) +
                                   " cannot load module graph (requires Go >= " + std::string(own) + ")");
  }
  if (pruning_for(go_version) == Pruning::pruned || requirements.pruning == Pruning::unpruned) {
    return load(requirements);
  }
  if (mains().is_workspace()) {
    return fail(Kind::invalid, "requested Go version " + std::string(go_version) +
                                   " cannot load the module graph of a workspace");
  }
  Requirements unpruned = requirements;
  unpruned.pruning = Pruning::unpruned;
  return load(unpruned);
}

Result<Requirements> Resolver::update_roots(const Requirements& requirements, const Graph* loaded,
                                            std::span<const Module> add) {
  switch (requirements.pruning) {
    case Pruning::pruned:
      return update_pruned(requirements, loaded, add);
    case Pruning::unpruned:
      return update_unpruned(requirements, loaded, add);
    case Pruning::workspace:
      break;
  }
  LARDER_ASSERT(add.empty());  // a workspace has no requirements of its own
  return requirements;
}

namespace {

// Each path once, main modules not at all, at the version the graph selects, or as listed without a graph.
std::vector<Module> consistent_roots(const MainModules& mains, const Requirements& rs, const Graph* graph) {
  std::vector<Module> roots;
  for (const Module& m : rs.roots) {
    if (mains.contains(m.path) || (!roots.empty() && roots.back().path == m.path)) continue;
    const auto version = graph != nullptr ? graph->selected(m.path) : rs.root_version(m.path);
    // Nothing is selected where the version is none: `toolchain default`, `require toolchain v1.0.0`.
    roots.push_back({m.path, std::string(version.value_or(k_none))});
  }
  return roots;
}

// Did a path change from how it is first listed? Dropping a second listing cannot raise anything.
bool raises(const std::vector<Module>& from, const std::vector<Module>& to) {
  return std::ranges::any_of(to, [&](const Module& m) {
    return std::ranges::lower_bound(from, m.path, {}, &Module::path)->version != m.version;
  });
}

void add_roots(Requirements& rs, std::span<const Module> add) {
  const Requirements before = rs;
  for (const Module& m : add) {
    const auto version = before.root_version(m.path);
    if (!version || compare_versions(m.path, *version, m.version) < 0) rs.roots.push_back(m);
  }
  sort_modules(rs.roots);
}

}  // namespace

// Raising a root can pull in what was pruned before, which can raise others: until nothing rises. Each round
// raises a version that some loaded go.mod names, so it ends.
Result<Requirements> Resolver::update_pruned(const Requirements& requirements, const Graph* loaded,
                                             std::span<const Module> add) {
  const bool readonly = loader_->options().readonly;
  Requirements rs = requirements;
  add_roots(rs, add);
  bool raised = rs.roots.size() != requirements.roots.size();
  std::optional<Graph> own;
  for (;;) {
    if (raised) {
      if (readonly) return fail(Kind::invalid, loader_->options().updates_needed);
      own.emplace(load(rs));
      if (auto error = own->error()) return fail(*std::move(error));
      loaded = &*own;
    }
    auto roots = consistent_roots(mains(), rs, loaded);
    raised = raises(rs.roots, roots);
    // What is merely listed twice is left to a command that may write.
    if (!raised && readonly) return rs;
    rs.roots = std::move(roots);
    if (!raised) return rs;
  }
}

Result<Requirements> Resolver::update_unpruned(const Requirements& requirements, const Graph* loaded,
                                               std::span<const Module> add) {
  std::optional<Graph> own;
  if (loaded == nullptr) loaded = &own.emplace(load(requirements));
  if (auto error = loaded->error()) return fail(*std::move(error));
  const auto is_selected = [&](const Module& m) { return loaded->selected(m.path) == m.version; };

  if (loader_->options().readonly) {
    const bool listed = std::ranges::all_of(requirements.direct, [&](const std::string& path) {
      return requirements.root_version(path) || mains().contains(path);
    });
    if (listed && std::ranges::all_of(requirements.roots, is_selected) &&
        std::ranges::all_of(add, is_selected)) {
      return requirements;
    }
    return fail(Kind::invalid, loader_->options().updates_needed);
  }

  auto keep = loaded->build_list();
  keep.erase(keep.begin(), keep.begin() + static_cast<std::ptrdiff_t>(mains().modules().size()));
  keep.insert(keep.end(), add.begin(), add.end());
  std::vector<std::string> base;  // stays listed, needed or not: why it was listed is unknown
  for (const Module& m : requirements.roots) {
    if (is_selected(m)) base.push_back(m.path);
  }
  for (const Module& m : keep) {
    if (requirements.direct.contains(m.path)) base.push_back(m.path);
  }
  Requirements rs{Pruning::unpruned, {}, requirements.direct};
  rs.roots = TRY(mvs().minimal(keep, base));
  return rs;
}

Result<Requirements> Resolver::convert_pruning(const Requirements& requirements, Pruning to) {
  if (requirements.pruning == to) return requirements;
  LARDER_ASSERT(requirements.pruning != Pruning::workspace && to != Pruning::workspace);
  if (to == Pruning::unpruned) return update_unpruned(requirements, nullptr, {});
  // Everything below every module is what a pruned graph holds whose roots are the whole build list.
  const Graph graph = load(requirements);
  if (auto error = graph.error()) return fail(*std::move(error));
  Requirements rs{Pruning::pruned, graph.build_list(), requirements.direct};
  rs.roots.erase(rs.roots.begin());
  return rs;
}

std::vector<Result<SummaryPtr>> Resolver::summaries(std::span<const Module> modules) {
  NodeTable& table = *loader_->table();
  std::vector<NodeId> ids;
  ids.reserve(modules.size());
  for (const Module& m : modules) ids.push_back(table.intern_unbounded(m.path, m.version));
  loader_->fetch(ids);
  std::vector<Result<SummaryPtr>> out;
  out.reserve(ids.size());
  for (const NodeId id : ids) {
    if (table[id].state == LoadState::loaded) {
      out.emplace_back(table.summary(id));
    } else {
      out.emplace_back(fail(table.failure(id).cause));
    }
  }
  return out;
}

std::optional<Resolver::NewerGo> Resolver::needs_newer_go(const Error& error) const {
  const auto& local = loader_->options().local_go;
  const auto& note = loader_->options().local_go_note;
  auto about = gomod::read_too_new(error.message(), local, note);
  if (!about) return std::nullopt;
  Error alone(Kind::invalid, gomod::too_new_text(*about, local, note));
  return NewerGo{std::move(about->go), std::move(alone)};
}

namespace {

std::vector<Module> in_state(const NodeTable& table, LoadState state) {
  std::vector<Module> out;
  for (NodeId id = 0; id < table.size(); ++id) {
    if (table[id].state == state) out.push_back(table.module(id));
  }
  sort_modules(out);
  return out;
}

}  // namespace

std::vector<Module> Resolver::failed() const {
  return in_state(*loader_->table(), LoadState::failed);
}

std::vector<Module> Resolver::read() const {
  return in_state(*loader_->table(), LoadState::loaded);
}

}  // namespace larder::resolve
