// SPDX-License-Identifier: Apache-2.0
#include "sumdb/tiled_tree.hpp"

#include <set>

namespace larder::sumdb {

namespace {

Failure inconsistent() {
  return fail(Kind::unverified, "downloaded inconsistent tile");
}

bool in_tree(const Node& node, std::uint64_t size) {
  return node.level < 63 && node.number < size >> node.level;
}

}  // namespace

TiledTree::Plan TiledTree::plan(std::span<const Node> nodes) const {
  Plan out;
  std::set<Tile> planned;
  const auto known = [&](const Tile& tile) { return tiles_.contains(tile) || planned.contains(tile); };
  const auto take = [&](const Tile& tile) {
    if (planned.insert(tile).second) out.tiles.push_back(tile);
  };
  if (!edge_proven_) {
    for (const auto& node : cover(0, head_.size)) take(tile_of(height_, node, head_.size));
    out.edge = out.tiles.size();  // several subtrees may share a tile: tiles are what counts
  }
  for (const auto& node : nodes) {
    LARDER_ASSERT(in_tree(node, head_.size));
    std::vector<Tile> missing;
    for (auto tile = tile_of(height_, node, head_.size); !known(tile);) {
      missing.push_back(tile);
      const auto above = parent(tile, head_.size);
      LARDER_ASSERT(above.has_value());  // a tile without a parent is at the right edge
      tile = *above;
    }
    for (auto i = missing.size(); i-- > 0;) take(missing[i]);
  }
  return out;
}

Result<void> TiledTree::check_edge(const Plan& plan, const Tiles& added) const {
  if (plan.edge == 0) return {};
  std::vector<Digest> hashes;
  for (const auto& node : cover(0, head_.size)) {
    const auto tile = tile_of(height_, node, head_.size);
    hashes.push_back(hash_in_tile(tile, *added.at(tile), node));
  }
  if (fold(hashes) != head_.root) return inconsistent();
  return {};
}

// Parents come first, so that a parent is proven when its child is looked at.
Result<void> TiledTree::check_child(const Tile& tile, const std::string& bytes, const Tiles& added) const {
  const auto above = parent(tile, head_.size);
  if (!tile.full() || !above) return inconsistent();
  if (const auto known = believed_.find(tile); known != believed_.end() && *known->second == bytes) return {};
  const auto proven = tiles_.find(*above);
  const auto fresh = added.find(*above);
  LARDER_ASSERT(proven != tiles_.end() || fresh != added.end());
  const auto& parent_bytes = proven != tiles_.end() ? *proven->second : *fresh->second;
  const Node node{above->level * height_, tile.number};
  if (hash_in_tile(*above, parent_bytes, node) != tile_root(tile, bytes)) return inconsistent();
  return {};
}

Result<void> TiledTree::add(const Plan& plan, std::span<const TileBytes> bytes) {
  LARDER_ASSERT(bytes.size() == plan.tiles.size());
  Tiles added;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (!bytes[i] || bytes[i]->size() != plan.tiles[i].bytes()) return inconsistent();
    added.emplace(plan.tiles[i], bytes[i]);
  }
  TRY(check_edge(plan, added));
  for (auto i = plan.edge; i < plan.tiles.size(); ++i) TRY(check_child(plan.tiles[i], *bytes[i], added));
  edge_proven_ = edge_proven_ || plan.edge > 0;
  tiles_.merge(added);
  return {};
}

Digest TiledTree::hash(const Node& node) const {
  const auto tile = tile_of(height_, node, head_.size);
  return hash_in_tile(tile, *tiles_.at(tile), node);
}

void TiledTree::inherit(const TiledTree& older) {
  for (const auto& [tile, bytes] : older.tiles_) {
    if (tile.full()) tiles_.emplace(tile, bytes);
  }
}

}  // namespace larder::sumdb
