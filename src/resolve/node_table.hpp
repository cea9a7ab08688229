// SPDX-License-Identifier: Apache-2.0
// Module versions and their requirement lists as numbers: loading a graph compares ids, not strings. Shared
// by all graphs of one Resolver, so a second graph costs no reading and no hashing. Invariants: ids are dense
// from 0 and never change; texts never move; a loaded node's list is complete, with the main modules'
// exclusions already taken out. Thread rule: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "resolve/graph.hpp"
#include "resolve/summary.hpp"

namespace larder::resolve {

inline constexpr NodeId k_no_node = ~NodeId{0};

// Append-only storage of texts.
class TextArena {
 public:
  std::string_view keep(std::string_view text);

 private:
  static constexpr std::size_t k_chunk = std::size_t{64} << 10U;
  std::vector<std::unique_ptr<char[]>> chunks_;
  std::size_t left_ = 0;
  char* next_ = nullptr;
};

enum class LoadState : std::uint8_t { unknown, requested, loaded, failed };

struct Node {
  std::string_view path;
  std::string_view version;
  PathId path_id;
  std::uint32_t hash;
  std::uint32_t first_edge = 0;
  std::uint32_t edges = 0;
  LoadState state = LoadState::unknown;
  Pruning pruning = Pruning::pruned;
  std::uint32_t detail = 0;  // index into summaries or failures
};

struct NodeFailure {
  Error cause;
  Module actual;
  bool about_actual;            // the text names the replacement where there is one
  bool whole = false;           // the cause is all of the text
  std::string go_version = {};  // its go line, where the file could be read
};

class NodeTable {
 public:
  NodeTable(std::size_t max_nodes, std::size_t max_edges);

  std::size_t size() const { return nodes_.size(); }
  std::size_t path_count() const { return path_ids_.size(); }
  const Node& operator[](NodeId id) const { return nodes_[id]; }
  Module module(NodeId id) const;
  std::span<const NodeId> required(NodeId id) const;
  const SummaryPtr& summary(NodeId id) const;   // of a loaded node
  const NodeFailure& failure(NodeId id) const;  // of a failed node

  NodeId find(std::string_view path, std::string_view version) const;  // k_no_node: unknown
  std::optional<PathId> find_path(std::string_view path) const;

  // Below the limit on nodes this adds it; else k_no_node.
  NodeId intern(std::string_view path, std::string_view version);
  // Always adds it: for main modules and their roots, which the user wrote.
  NodeId intern_unbounded(std::string_view path, std::string_view version);

  void set_requested(NodeId id) { nodes_[id].state = LoadState::requested; }
  // `keep` is false for requirements to be dropped. Over a limit, the node fails instead.
  template <class Keep>
  void set_loaded(NodeId id, SummaryPtr summary, const Keep& keep);
  void set_failed(NodeId id, NodeFailure failure);

 private:
  std::size_t slot_of(std::uint32_t hash, std::string_view path, std::string_view version) const;
  void grow();
  void fail_limit(NodeId id, std::size_t edges_before);

  std::size_t max_nodes_;
  std::size_t max_edges_;
  TextArena texts_;
  std::vector<Node> nodes_;
  std::vector<NodeId> slots_;  // open addressing, k_no_node is free
  std::unordered_map<std::string_view, PathId> path_ids_;
  std::vector<NodeId> edges_;
  std::vector<SummaryPtr> summaries_;
  std::vector<NodeFailure> failures_;
};

template <class Keep>
void NodeTable::set_loaded(NodeId id, SummaryPtr summary, const Keep& keep) {
  const std::size_t before = edges_.size();
  for (const Module& r : summary->require) {
    if (!keep(r)) continue;
    const NodeId to = edges_.size() < max_edges_ ? intern(r.path, r.version) : k_no_node;
    if (to == k_no_node) return fail_limit(id, before);
    edges_.push_back(to);
  }
  Node& node = nodes_[id];
  node.first_edge = static_cast<std::uint32_t>(before);
  node.edges = static_cast<std::uint32_t>(edges_.size() - before);
  node.pruning = summary->pruning;
  node.state = LoadState::loaded;
  node.detail = static_cast<std::uint32_t>(summaries_.size());
  summaries_.push_back(std::move(summary));
}

}  // namespace larder::resolve
