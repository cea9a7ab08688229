// SPDX-License-Identifier: Apache-2.0
// Hashes of one signed tree, each proven to belong to it. Which tiles are needed is said by plan(); whoever
// has them gives them to add(), which believes nothing: the tiles at the tree's right edge must give its
// root, every other tile must be full and its root must stand in its parent. Each tile is checked once.
//
// Invariant: what hash() answers follows from the tree's root. Thread rule: one thread at a time.
// Spec: go-modules.md 6.5.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "sumdb/tile.hpp"

namespace larder::sumdb {

using TileBytes = std::shared_ptr<const std::string>;

class TiledTree {
 public:
  TiledTree(const TreeHead& head, unsigned height) : head_(head), height_(height) {}

  struct Plan {
    std::vector<Tile> tiles;  // parents before their children
    std::size_t edge = 0;     // so many at the front are the tree's right edge
  };
  // Tiles that have to be added before hash() knows all these nodes, which must be in the tree.
  Plan plan(std::span<const Node> nodes) const;

  // bytes[i] is plan.tiles[i]. All or nothing; Kind::unverified: "downloaded inconsistent tile".
  Result<void> add(const Plan& plan, std::span<const TileBytes> bytes);

  // Only for nodes whose plan is empty.
  Digest hash(const Node& node) const;

  // Of a tile that was added.
  TileBytes bytes(const Tile& tile) const { return tiles_.at(tile); }

  // Takes over the full tiles of a tree that is known to be the beginning of this one: they are the same.
  void inherit(const TiledTree& older);
  // Its full tiles are not hashed again when they are added to this one, which is known to be of the same
  // log.
  void believe(const TiledTree& other) { believed_ = other.tiles_; }

  const TreeHead& head() const { return head_; }

 private:
  using Tiles = std::map<Tile, TileBytes>;
  Result<void> check_edge(const Plan& plan, const Tiles& added) const;
  Result<void> check_child(const Tile& tile, const std::string& bytes, const Tiles& added) const;

  TreeHead head_;
  unsigned height_;
  bool edge_proven_ = false;
  Tiles tiles_;     // proven
  Tiles believed_;  // proven elsewhere
};

}  // namespace larder::sumdb
