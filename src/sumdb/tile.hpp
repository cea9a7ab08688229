// SPDX-License-Identifier: Apache-2.0
// Tiles: how the log's hashes are published. A tile of height H at level L is up to 2^H neighbouring hashes
// of tree level H·L; the levels between are computed from them.
//
// Invariants: parse_tile_path takes the canonical spelling only; bytes of a tile are width·32. Thread rule:
// values, pure functions. Spec: go-modules.md 6.4.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "sumdb/merkle.hpp"

namespace larder::sumdb {

inline constexpr std::size_t k_hash_bytes = 32;

struct Tile {
  unsigned height = 8;       // 1 to 30
  unsigned level = 0;        // in tiles; 0 to 63
  std::uint64_t number = 0;  // within the level
  unsigned width = 0;        // hashes; 1 to 2^height
  bool data = false;         // records in place of hashes; level is 0

  unsigned full_width() const { return 1U << height; }
  bool full() const { return width == full_width(); }
  std::uint64_t first() const { return number << height; }  // its first hash, within the tree level
  std::size_t bytes() const { return width * k_hash_bytes; }
  Tile widened() const;
  std::string path() const;  // "tile/8/0/x001/234.p/56"

  friend auto operator<=>(const Tile&, const Tile&) = default;
};

// Kind::invalid: `malformed tile path "P"`.
Result<Tile> parse_tile_path(std::string_view path);

// The tile that has the node, as wide as a tree of `size` leaves makes it. The node must be in that tree.
Tile tile_of(unsigned height, const Node& node, std::uint64_t size);
// The tile whose hashes stand for whole tiles of this one's level; nullopt where the tree has none.
std::optional<Tile> parent(const Tile& tile, std::uint64_t size);

// From a tile's bytes; the node must be in the tile.
Digest hash_in_tile(const Tile& tile, std::string_view bytes, const Node& node);
// Over all its hashes; the tile must be full.
Digest tile_root(const Tile& tile, std::string_view bytes);

}  // namespace larder::sumdb
