// SPDX-License-Identifier: Apache-2.0
// Fills the NodeTable through a ModReader: replacement, exclusion, `go` and `toolchain` nodes, versions of go
// that are too new. Knows nothing of pruning: see graph_builder.hpp.
// Thread rule: one thread. Spec: go-resolution.md 3.1.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "resolve/main_modules.hpp"
#include "resolve/node_table.hpp"
#include "resolve/reader.hpp"
#include "resolve/resolver.hpp"

namespace larder::resolve {

class Loader {
 public:
  Loader(MainModules mains, ModReader& reader, ResolverOptions options);

  const MainModules& mains() const { return mains_; }
  const ResolverOptions& options() const { return options_; }
  const std::shared_ptr<NodeTable>& table() const { return table_; }

  // Adds the node to the next batch of requests, unless it is settled or asked for. What needs no reader is
  // settled at once. Returns the state it is in then.
  LoadState want(NodeId id);
  // Starts the batch and waits for one answer; that node is then loaded or failed. Needs waiting() > 0.
  NodeId wait();
  std::size_t waiting() const { return batch_.size() + outstanding_; }

  // Loads these and no more.
  void fetch(const std::vector<NodeId>& ids);

 private:
  bool settle_without_reader(NodeId id);
  bool fail_conflict(NodeId id);
  void settle(NodeId id, Result<SummaryPtr> answer);
  void set_loaded(NodeId id, SummaryPtr summary);
  bool too_new(const ModSummary& summary) const;

  MainModules mains_;
  ModReader& reader_;
  ResolverOptions options_;
  std::shared_ptr<NodeTable> table_;
  std::vector<ModRequest> batch_;
  std::size_t outstanding_ = 0;
};

}  // namespace larder::resolve
