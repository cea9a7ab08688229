// SPDX-License-Identifier: Apache-2.0
#include "sumdb/tile.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include <fmt/format.h>

#include "base/text.hpp"

namespace larder::sumdb {

namespace {

constexpr unsigned k_max_height = 30;
constexpr unsigned k_max_level = 63;
constexpr std::uint64_t k_base = 1000;  // digits of a number's group

Digest hash_at(std::string_view bytes, std::uint64_t i) {
  Digest out;
  std::memcpy(out.bytes.data(), bytes.data() + i * k_hash_bytes, k_hash_bytes);
  return out;
}

// Over 2^levels hashes from `first` on; no deeper than a tile is high.
Digest subtree(std::string_view bytes, std::uint64_t first, unsigned levels) {
  if (levels == 0) return hash_at(bytes, first);
  const auto half = std::uint64_t{1} << (levels - 1);
  return node_hash(subtree(bytes, first, levels - 1), subtree(bytes, first + half, levels - 1));
}

// Hashes that a tree of `size` leaves has at a tile's level. 0 where the level is above the tree.
std::uint64_t hashes_at(unsigned height, unsigned level, std::uint64_t size) {
  return level * height < 64 ? size >> (level * height) : 0;
}

std::optional<Tile> within(Tile tile, std::uint64_t size) {
  const auto count = hashes_at(tile.height, tile.level, size);
  if (tile.first() >= count) return std::nullopt;
  tile.width = static_cast<unsigned>(std::min<std::uint64_t>(tile.full_width(), count - tile.first()));
  return tile;
}

// "x001/x234/067" as 1234067; not yet known to be canonical.
std::optional<std::uint64_t> parse_number(const std::vector<std::string_view>& groups, std::uint64_t limit) {
  std::uint64_t out = 0;
  for (auto group : groups) {
    if (group.starts_with('x')) group.remove_prefix(1);
    const auto value = parse_uint(group, k_base - 1);
    if (!value || out > limit / k_base) return std::nullopt;
    out = out * k_base + *value;
    if (out > limit) return std::nullopt;
  }
  return out;
}

std::optional<Tile> parse_path(std::string_view path) {
  auto parts = split(path, '/');
  if (parts.size() < 4 || parts[0] != "tile") return std::nullopt;
  Tile out;
  out.data = parts[2] == "data";
  const auto height = parse_uint(parts[1], k_max_height);
  const auto level = out.data ? 0 : parse_uint(parts[2], k_max_level);
  if (!height || *height == 0 || !level) return std::nullopt;
  out.height = static_cast<unsigned>(*height);
  out.level = static_cast<unsigned>(*level);
  out.width = out.full_width();
  if (auto& before = parts[parts.size() - 2]; parts.size() > 4 && before.ends_with(".p")) {
    const auto width = parse_uint(parts.back(), out.full_width() - 1);
    if (!width || *width == 0) return std::nullopt;
    out.width = static_cast<unsigned>(*width);
    before.remove_suffix(2);
    parts.pop_back();
  }
  const auto number = parse_number({parts.begin() + 3, parts.end()}, k_max_tree_size >> out.height);
  if (!number) return std::nullopt;
  out.number = *number;
  return out;
}

}  // namespace

Tile Tile::widened() const {
  Tile out = *this;
  out.width = full_width();
  return out;
}

std::string Tile::path() const {
  std::string groups = fmt::format("{:03}", number % k_base);
  for (auto rest = number / k_base; rest > 0; rest /= k_base) {
    groups = fmt::format("x{:03}/{}", rest % k_base, groups);
  }
  const auto level_text = data ? "data" : fmt::to_string(level);
  const auto partial = full() ? "" : fmt::format(".p/{}", width);
  return fmt::format("tile/{}/{}/{}{}", height, level_text, groups, partial);
}

Result<Tile> parse_tile_path(std::string_view path) {
  const auto tile = parse_path(path);
  if (!tile || tile->path() != path) return fail(Kind::invalid, "malformed tile path " + quote(path));
  return *tile;
}

Tile tile_of(unsigned height, const Node& node, std::uint64_t size) {
  const unsigned level = node.level / height;
  const unsigned inside = node.level % height;
  const auto tile =
      within({.height = height, .level = level, .number = node.number >> (height - inside)}, size);
  LARDER_ASSERT(tile.has_value());
  return *tile;
}

std::optional<Tile> parent(const Tile& tile, std::uint64_t size) {
  return within({.height = tile.height, .level = tile.level + 1, .number = tile.number >> tile.height}, size);
}

Digest hash_in_tile(const Tile& tile, std::string_view bytes, const Node& node) {
  LARDER_ASSERT(bytes.size() == tile.bytes() && node.level / tile.height == tile.level);
  const unsigned inside = node.level % tile.height;
  const auto first = node.number << inside;
  LARDER_ASSERT(first >= tile.first() && first - tile.first() + (std::uint64_t{1} << inside) <= tile.width);
  return subtree(bytes, first - tile.first(), inside);
}

Digest tile_root(const Tile& tile, std::string_view bytes) {
  LARDER_ASSERT(tile.full() && bytes.size() == tile.bytes());
  return subtree(bytes, 0, tile.height);
}

}  // namespace larder::sumdb
