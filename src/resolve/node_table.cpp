// SPDX-License-Identifier: Apache-2.0
#include "resolve/node_table.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

namespace larder::resolve {

std::string_view TextArena::keep(std::string_view text) {
  if (text.size() > left_) {
    left_ = std::max(k_chunk, text.size());
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(left_));
    next_ = chunks_.back().get();
  }
  char* const at = next_;
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  next_ += text.size();
  left_ -= text.size();
  return {at, text.size()};
}

namespace {

std::uint32_t hash_of(std::string_view path, std::string_view version) {
  const std::hash<std::string_view> hash;
  const std::size_t h = hash(path) * 31 + hash(version);
  return static_cast<std::uint32_t>(h ^ (h >> 32U));
}

}  // namespace

NodeTable::NodeTable(std::size_t max_nodes, std::size_t max_edges)
    : max_nodes_(max_nodes), max_edges_(max_edges), slots_(1024, k_no_node) {}

Module NodeTable::module(NodeId id) const {
  return {std::string(nodes_[id].path), std::string(nodes_[id].version)};
}

std::span<const NodeId> NodeTable::required(NodeId id) const {
  const Node& node = nodes_[id];
  return std::span(edges_).subspan(node.first_edge, node.edges);
}

const SummaryPtr& NodeTable::summary(NodeId id) const {
  LARDER_ASSERT(nodes_[id].state == LoadState::loaded);
  return summaries_[nodes_[id].detail];
}

const NodeFailure& NodeTable::failure(NodeId id) const {
  LARDER_ASSERT(nodes_[id].state == LoadState::failed);
  return failures_[nodes_[id].detail];
}

// The slot that holds the module version, or the free one where it belongs.
std::size_t NodeTable::slot_of(std::uint32_t hash, std::string_view path, std::string_view version) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash & mask;
  for (; slots_[slot] != k_no_node; slot = (slot + 1) & mask) {
    const Node& node = nodes_[slots_[slot]];
    if (node.hash == hash && node.version == version && node.path == path) break;
  }
  return slot;
}

void NodeTable::grow() {
  slots_.assign(slots_.size() * 2, k_no_node);
  const std::size_t mask = slots_.size() - 1;
  for (NodeId id = 0; id < nodes_.size(); ++id) {
    std::size_t slot = nodes_[id].hash & mask;
    while (slots_[slot] != k_no_node) slot = (slot + 1) & mask;
    slots_[slot] = id;
  }
}

NodeId NodeTable::find(std::string_view path, std::string_view version) const {
  return slots_[slot_of(hash_of(path, version), path, version)];
}

std::optional<PathId> NodeTable::find_path(std::string_view path) const {
  const auto found = path_ids_.find(path);
  if (found == path_ids_.end()) return std::nullopt;
  return found->second;
}

NodeId NodeTable::intern(std::string_view path, std::string_view version) {
  if (nodes_.size() >= max_nodes_) return find(path, version);
  return intern_unbounded(path, version);
}

NodeId NodeTable::intern_unbounded(std::string_view path, std::string_view version) {
  const std::uint32_t hash = hash_of(path, version);
  std::size_t slot = slot_of(hash, path, version);
  if (slots_[slot] != k_no_node) return slots_[slot];
  if (nodes_.size() * 2 >= slots_.size()) {
    grow();
    slot = slot_of(hash, path, version);
  }
  auto known = path_ids_.find(path);
  if (known == path_ids_.end()) {
    known = path_ids_.emplace(texts_.keep(path), static_cast<PathId>(path_ids_.size())).first;
  }
  const auto id = static_cast<NodeId>(nodes_.size());
  nodes_.push_back(
      {.path = known->first, .version = texts_.keep(version), .path_id = known->second, .hash = hash});
  slots_[slot] = id;
  return id;
}

void NodeTable::fail_limit(NodeId id, std::size_t edges_before) {
  edges_.resize(edges_before);
  set_failed(id,
             {Error(Kind::invalid, "the module graph is too large: more than " + std::to_string(max_nodes_) +
                                       " module versions or " + std::to_string(max_edges_) + " requirements"),
              module(id), false});
}

void NodeTable::set_failed(NodeId id, NodeFailure failure) {
  nodes_[id].state = LoadState::failed;
  nodes_[id].detail = static_cast<std::uint32_t>(failures_.size());
  failures_.push_back(std::move(failure));
}

}  // namespace larder::resolve
