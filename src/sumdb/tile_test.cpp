// SPDX-License-Identifier: Apache-2.0
#include "sumdb/tile.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sumdb/test_log.hpp"

namespace larder::sumdb {
namespace {

TEST(Tile, paths) {
  const std::pair<Tile, const char*> cases[] = {
      {{.height = 3, .level = 4, .number = 1234067, .width = 1}, "tile/3/4/x001/x234/067.p/1"},
      {{.height = 3, .level = 4, .number = 1234067, .width = 8}, "tile/3/4/x001/x234/067"},
      {{.height = 8, .level = 0, .number = 0, .width = 256}, "tile/8/0/000"},
      {{.height = 8, .level = 0, .number = 999, .width = 255}, "tile/8/0/999.p/255"},
      {{.height = 8, .level = 63, .number = 1000, .width = 256}, "tile/8/63/x001/000"},
      {{.height = 8, .level = 0, .number = 5, .width = 7, .data = true}, "tile/8/data/005.p/7"},
      {{.height = 30, .level = 0, .number = 0, .width = 1U << 30U}, "tile/30/0/000"},
  };
  for (const auto& [tile, path] : cases) {
    EXPECT_EQ(tile.path(), path);
    const auto parsed = parse_tile_path(path);
    ASSERT_TRUE(parsed) << path;
    EXPECT_EQ(*parsed, tile) << path;
  }
}

TEST(Tile, paths_refused) {
  const char* const cases[] = {
      "",
      "tile",
      "tile/8/0",
      "/tile/8/0/000",
      "tile/8/0/000/",
      "tile/0/0/000",
      "tile/31/0/000",
      "tile/08/0/000",
      "tile/8/00/000",
      "tile/8/-1/000",
      "tile/8/64/000",
      "tile/8/0/0",
      "tile/8/0/0000",
      "tile/8/0/1000",
      "tile/8/0/x000/001",
      "tile/8/0/x001/x002",
      "tile/8/0/001/002",
      "tile/8/0/-01",
      "tile/8/0/+01",
      "tile/8/0/000.p/0",
      "tile/8/0/000.p/256",
      "tile/8/0/000.p/01",
      "tile/8/0/000.p/",
      "tile/8/0/.p/1",
      "tile/8/0.p/1",
      "tile/8/datum/000",
      "tile/8/0/../000",
      "tile/8/0/x999/x999/x999/x999/x999/x999/x999/999",
      "tile/8/0/x036/x028/x797/x018/x963/968",
  };
  for (const auto* path : cases) {
    const auto parsed = parse_tile_path(path);
    ASSERT_FALSE(parsed) << path;
    EXPECT_EQ(parsed.error().message(), "malformed tile path \"" + std::string(path) + "\"");
  }
}

RC_GTEST_PROP(Tile, path_and_parse_are_inverses, ()) {
  Tile tile{.height = *rc::gen::inRange(1U, 31U)};
  tile.data = *rc::gen::arbitrary<bool>();
  tile.level = tile.data ? 0 : *rc::gen::inRange(0U, 64U);
  tile.number = *rc::gen::arbitrary<std::uint64_t>() % ((k_max_tree_size >> tile.height) + 1);
  tile.width = *rc::gen::inRange(1U, tile.full_width() + 1);
  RC_ASSERT(parse_tile_path(tile.path()).value() == tile);
}

// Every node of a tree is found in its tile, whatever the height.
RC_GTEST_PROP(Tile, nodes_are_where_the_naive_tree_has_them, ()) {
  static TestLog log;
  log.fill(1U << 12U);
  const auto height = *rc::gen::inRange(1U, 9U);
  const auto size = *rc::gen::inRange<std::uint64_t>(1, log.size() + 1);
  const auto level = *rc::gen::inRange(0U, static_cast<unsigned>(std::bit_width(size)));
  const Node node{level, *rc::gen::inRange<std::uint64_t>(0, size >> level)};
  const auto tile = tile_of(height, node, size);
  RC_ASSERT(tile.level == level / height);
  RC_ASSERT(tile.width <= tile.full_width());
  RC_ASSERT(tile.full() || tile.first() + tile.width == size >> (tile.level * height));
  const auto bytes = log.tile(tile).value();
  RC_ASSERT(hash_in_tile(tile, bytes, node) == log.node(node));
  if (tile.full()) {
    const auto above = parent(tile, size).value();
    RC_ASSERT(tile_root(tile, bytes) ==
              hash_in_tile(above, log.tile(above).value(), {(tile.level + 1) * height, tile.number}));
  }
}

TEST(Tile, the_largest_tree) {
  const auto last = tile_of(8, {0, k_max_tree_size - 1}, k_max_tree_size);
  EXPECT_EQ(last.width, 255U);
  EXPECT_EQ(last.path(), "tile/8/0/x036/x028/x797/x018/x963/967.p/255");
  const auto top = tile_of(8, {62, 0}, k_max_tree_size);
  EXPECT_EQ(top.path(), "tile/8/7/000.p/127");
  EXPECT_FALSE(parent(top, k_max_tree_size));
  EXPECT_EQ(tile_of(30, {62, 0}, k_max_tree_size).path(), "tile/30/2/000.p/7");
}

}  // namespace
}  // namespace larder::sumdb
