// SPDX-License-Identifier: Apache-2.0
// A loaded requirement graph: who requires what, and the version minimal version selection picks for each
// path. Invariants: all results depend only on the requirement lists, never on the order in which they
// arrived. A module version is a node when something requires it; its own requirements are edges only when
// pruning let them be loaded. Thread rule: belongs to its Resolver's thread. It keeps what it needs alive;
// views it returns are valid as long as any Graph of that Resolver lives. Spec: go-resolution.md 3.2, 3.3, 7
// (mod graph).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "resolve/requirements.hpp"
#include "resolve/versions.hpp"

namespace larder::resolve {

class NodeTable;
using NodeId = std::uint32_t;
using PathId = std::uint32_t;

// A go.mod that could not be had.
struct LoadFailure {
  std::vector<Module> chain;  // shortest way from the main module (not included) to the module, both ends in
  Module actual;              // what was read: the module, or its replacement
  Error cause;                // as the reader gave it
  // go's text: "A@v1 requires\n\tB@v2 requires\n\tC@v3: CAUSE", "C@v3 (replaced by ./c): CAUSE"
  Error error;
  bool is_conflict = false;  // of replacements in a workspace: go cannot go on, whatever errors are allowed
  std::string go_version;    // its go line, where the file could be read
  std::string alone;         // the same without what requires it: "C@v3: CAUSE", "module ./c: CAUSE"
};

class Graph {
 public:
  // The selected version of a path, "" for a main module; nullopt where the path is not in the graph.
  std::optional<std::string_view> selected(std::string_view path) const;
  bool all_roots_selected() const;

  // Main modules first (in a workspace also go and toolchain, in path order), then the others by path.
  std::vector<Module> build_list() const;

  // Was the module's own list of requirements loaded? It is empty otherwise, and for unknown modules.
  bool loaded(const Module& m) const;
  std::vector<Module> required_by(const Module& m) const;

  // Breadth first from the main modules, each once.
  std::vector<Module> modules() const;
  // Those of them whose go.mod was read; without main modules, go and toolchain.
  std::vector<Module> loaded_modules() const;
  // Shortest chain from a main module (included) to m; empty where m is not in the graph.
  std::vector<Module> chain_to(const Module& m) const;

  using EdgeSink = std::function<void(std::string_view from_path, std::string_view from_version,
                                      std::string_view to_path, std::string_view to_version)>;
  // The lines of `go mod graph`, in its order.
  void for_each_edge(const EdgeSink& sink) const;
  std::string text() const;

  // Breadth first. Loading went on after each.
  std::vector<LoadFailure> failures() const;
  // The first one, as go reports it.
  std::optional<Error> error() const;
  bool ok() const { return failed_.empty(); }

  std::size_t node_count() const { return order_.size(); }
  std::size_t edge_count() const;

 private:
  friend class GraphBuilder;
  friend class Mvs;

  template <class F>
  void each_required(NodeId node, const F& f) const;
  bool expanded(NodeId node) const;
  std::vector<NodeId> chain_ids(NodeId node) const;
  std::string chain_text(const std::vector<NodeId>& chain) const;
  LoadFailure failure_of(NodeId node) const;
  void finish();  // order, parents and selected versions, from the lists

  std::shared_ptr<const NodeTable> table_;
  bool is_workspace_ = false;
  std::vector<NodeId> starts_;             // main modules; in a workspace also go and toolchain
  std::vector<NodeId> roots_;              // requirements of the main module; unused in a workspace
  std::vector<std::uint8_t> state_;        // by NodeId, see graph_builder.hpp
  std::vector<NodeId> selected_;           // by PathId
  std::vector<NodeId> order_;              // breadth first
  std::vector<NodeId> first_required_by_;  // by NodeId
  std::vector<NodeId> failed_;             // breadth first
  std::unordered_map<PathId, NodeId> upgrades_;
};

}  // namespace larder::resolve
