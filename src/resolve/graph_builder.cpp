// SPDX-License-Identifier: Apache-2.0
#include "resolve/graph_builder.hpp"

#include <algorithm>

namespace larder::resolve {

GraphBuilder::GraphBuilder(Loader& loader) : loader_(loader), table_(*loader.table()) {
  graph_.table_ = loader.table();
  graph_.is_workspace_ = loader.mains().is_workspace();
}

void GraphBuilder::force(std::span<const Module> modules) {
  for (const Module& m : modules) forced_.insert(table_.intern_unbounded(m.path, m.version));
}

void GraphBuilder::upgrade(std::span<const Module> modules) {
  for (const Module& m : modules) {
    const NodeId id = table_.intern_unbounded(m.path, m.version);
    const auto [at, added] = graph_.upgrades_.emplace(table_[id].path_id, id);
    if (!added && compare_versions(m.path, table_[at->second].version, m.version) < 0) at->second = id;
  }
}

void GraphBuilder::resize_state() {
  graph_.state_.resize(table_.size(), 0);
}

void GraphBuilder::visit(NodeId node, Pruning mode) {
  std::uint8_t& state = graph_.state_[node];
  if ((state & mode_bit(mode)) != 0) return;
  state |= mode_bit(mode);
  if (!graph_.upgrades_.empty()) {
    // The target is its own upgrade, so this ends after one step.
    const auto up = graph_.upgrades_.find(table_[node].path_id);
    if (up != graph_.upgrades_.end() && up->second != node) visit(up->second, mode);
  }
  if (table_[node].version == k_none) return;
  const std::size_t size = table_.size();
  const LoadState load = loader_.want(node);
  if (table_.size() != size) resize_state();  // `state` is invalid from here on
  if (load == LoadState::loaded) {
    ready_.emplace_back(node, mode);
  } else if (load == LoadState::requested) {
    graph_.state_[node] |= static_cast<std::uint8_t>(mode_bit(mode) << k_pending_shift);
  }
}

void GraphBuilder::follow(NodeId node, Pruning mode) {
  graph_.state_[node] |= k_expanded;
  const Pruning own = table_[node].pruning;
  const bool all = mode != Pruning::pruned || own == Pruning::unpruned;
  if (!all && forced_.empty()) return;
  const Pruning next = mode == Pruning::unpruned ? Pruning::unpruned : own;
  // By index: visiting may append to the table's edges.
  for (std::size_t i = 0; i < table_.required(node).size(); ++i) {
    const NodeId to = table_.required(node)[i];
    if (all || forced_.contains(to)) visit(to, next);
  }
}

void GraphBuilder::answered(NodeId node) {
  resize_state();
  if (table_[node].state != LoadState::loaded) return;
  const auto pending = static_cast<unsigned>(graph_.state_[node]) >> k_pending_shift;
  for (const Pruning mode : {Pruning::pruned, Pruning::unpruned, Pruning::workspace}) {
    if ((pending & mode_bit(mode)) != 0) ready_.emplace_back(node, mode);
  }
}

void GraphBuilder::drain() {
  for (;;) {
    while (!ready_.empty()) {
      const auto [node, mode] = ready_.back();
      ready_.pop_back();
      follow(node, mode);
    }
    if (loader_.waiting() == 0) return;
    answered(loader_.wait());
  }
}

// One round: true where something was added.
bool GraphBuilder::raise_once(std::unordered_set<PathId>& marked, std::unordered_set<NodeId>& seen) {
  graph_.finish();
  std::vector<NodeId> raise;
  const auto add = [&](NodeId node) {
    if (node != k_no_node && seen.insert(node).second) raise.push_back(node);
  };
  for (const PathId path : marked) {
    const NodeId node = path < graph_.selected_.size() ? graph_.selected_[path] : k_no_node;
    if (node == k_no_node) continue;
    if (!graph_.expanded(node)) {
      add(node);
      continue;
    }
    for (const NodeId to : table_.required(node)) {
      const NodeId selected = graph_.selected_[table_[to].path_id];
      // Selected and not the same: it is higher, or an equal spelling that changes nothing.
      if (selected != to) add(selected);
    }
  }
  for (const NodeId node : raise) {
    marked.insert(table_[node].path_id);
    visit(node, Pruning::workspace);
  }
  drain();
  return !raise.empty();
}

// What workspace modules import may come from any selected module, whose requirements then matter although
// the version that is required somewhere would have been pruned.
void GraphBuilder::raise_workspace() {
  std::unordered_set<PathId> marked;
  std::unordered_set<NodeId> seen;
  for (const NodeId start : graph_.starts_) marked.insert(table_[start].path_id);
  while (raise_once(marked, seen)) {
  }
}

Graph GraphBuilder::build(Pruning mode, std::span<const Module> roots) {
  std::vector<NodeId> ids;
  ids.reserve(roots.size());
  for (const Module& m : roots) ids.push_back(table_.intern_unbounded(m.path, m.version));
  if (graph_.is_workspace_) {
    graph_.starts_ = ids;
  } else {
    graph_.starts_ = {table_.intern_unbounded(loader_.mains().modules().front().path, {})};
    graph_.roots_ = ids;
  }
  resize_state();
  for (const NodeId id : ids) visit(id, mode);
  drain();
  if (mode == Pruning::workspace) raise_workspace();
  resize_state();
  graph_.finish();
  return std::move(graph_);
}

}  // namespace larder::resolve
