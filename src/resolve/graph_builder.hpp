// SPDX-License-Identifier: Apache-2.0
// Loads one Graph: which requirements are followed under pruning, in which mode.
// Invariants: each pair (module version, mode) is followed once; when build() returns nothing is outstanding.
// Thread rule: one thread. Spec: go-resolution.md 3.2.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_set>
#include <utility>
#include <vector>

#include "resolve/graph.hpp"
#include "resolve/loader.hpp"

namespace larder::resolve {

// Bits of Graph::state_: modes 0-2 visited, the same modes waiting for an answer, requirements followed.
inline constexpr unsigned k_pending_shift = 3;
inline constexpr std::uint8_t k_mode_bits = 0b111;
inline constexpr std::uint8_t k_expanded = 1U << 6U;
constexpr std::uint8_t mode_bit(Pruning mode) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(mode));
}

class GraphBuilder {
 public:
  explicit GraphBuilder(Loader& loader);

  void force(std::span<const Module> modules);
  // Whoever is at a version of u's path also requires u.
  void upgrade(std::span<const Module> modules);
  Graph build(Pruning mode, std::span<const Module> roots);

 private:
  void visit(NodeId node, Pruning mode);
  void follow(NodeId node, Pruning mode);
  void drain();
  void answered(NodeId node);
  void raise_workspace();
  bool raise_once(std::unordered_set<PathId>& marked, std::unordered_set<NodeId>& seen);
  void resize_state();

  Loader& loader_;
  NodeTable& table_;
  Graph graph_;
  std::unordered_set<NodeId> forced_;
  std::vector<std::pair<NodeId, Pruning>> ready_;
};

}  // namespace larder::resolve
