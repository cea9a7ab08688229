// SPDX-License-Identifier: Apache-2.0
#include "sumdb/tiled_tree.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sumdb/test_log.hpp"

namespace larder::sumdb {
namespace {

const TestLog& log() {
  static const TestLog k_log = [] {
    TestLog out;
    out.fill(1U << 12U);
    return out;
  }();
  return k_log;
}

std::vector<TileBytes> bytes_of(const TiledTree::Plan& plan) {
  std::vector<TileBytes> out;
  for (const auto& tile : plan.tiles) out.push_back(std::make_shared<const std::string>(*log().tile(tile)));
  return out;
}

void flip(TileBytes& bytes, std::size_t at) {
  auto changed = *bytes;
  changed[at] = static_cast<char>(changed[at] ^ 4);
  bytes = std::make_shared<const std::string>(changed);
}

std::vector<std::string> paths(const TiledTree::Plan& plan) {
  std::vector<std::string> out;
  for (const auto& tile : plan.tiles) out.push_back(tile.path());
  return out;
}

TEST(TiledTree, plans_parents_first) {
  const TiledTree tree(log().head(7), 2);
  const Node leaf{0, 0};
  const auto plan = tree.plan({&leaf, 1});
  EXPECT_EQ(paths(plan), (std::vector<std::string>{"tile/2/1/000.p/1", "tile/2/0/001.p/3", "tile/2/0/000"}));
  EXPECT_EQ(plan.edge, 2U);
}

TEST(TiledTree, each_tile_once) {
  TiledTree tree(log().head(1000), 8);
  const std::vector<Node> nodes = {{0, 3}, {0, 4}, {0, 300}, {4, 2}};
  const auto plan = tree.plan(nodes);
  ASSERT_TRUE(tree.add(plan, bytes_of(plan)));
  EXPECT_TRUE(tree.plan(nodes).tiles.empty());
  const Node other{0, 600};
  EXPECT_EQ(paths(tree.plan({&other, 1})), std::vector<std::string>{"tile/8/0/002"});
}

// A tree whose right edge has more subtrees than tiles: in a tree of 7 with tiles of 4 the subtrees are
// 0-3, 4-5 and 6, the tiles two. The third tile planned, leaves 0-3, must be compared with its parent all the
// same.
TEST(TiledTree, tiles_after_the_edge_are_all_checked) {
  for (const std::uint64_t size : {7U, 13U, 15U, 61U, 63U, 1023U, 4095U}) {
    for (const unsigned height : {1U, 2U, 3U, 8U}) {
      TiledTree tree(log().head(size), height);
      const Node leaf{0, 0};
      const auto plan = tree.plan({&leaf, 1});
      for (std::size_t i = 0; i < plan.tiles.size(); ++i) {
        auto bytes = bytes_of(plan);
        flip(bytes[i], bytes[i]->size() - 1);
        const auto added = tree.add(plan, bytes);
        ASSERT_FALSE(added) << size << " " << plan.tiles[i].path();
        EXPECT_EQ(added.error().message(), "downloaded inconsistent tile");
        EXPECT_EQ(added.error().kind(), Kind::unverified);
      }
      ASSERT_TRUE(tree.add(plan, bytes_of(plan)));
      EXPECT_EQ(tree.hash(leaf), log().node(leaf));
    }
  }
}

TEST(TiledTree, lengths_are_checked) {
  TiledTree tree(log().head(300), 8);
  const Node leaf{0, 5};
  const auto plan = tree.plan({&leaf, 1});
  auto bytes = bytes_of(plan);
  bytes.back() = std::make_shared<const std::string>(bytes.back()->substr(32));
  EXPECT_FALSE(tree.add(plan, bytes));
  bytes.back() = nullptr;
  EXPECT_FALSE(tree.add(plan, bytes));
}

RC_GTEST_PROP(TiledTree, hashes_are_those_of_the_naive_tree, ()) {
  const auto height = *rc::gen::inRange(1U, 9U);
  const auto size = *rc::gen::inRange<std::uint64_t>(1, log().size() + 1);
  TiledTree tree(log().head(size), height);
  for (int round = 0; round < 3; ++round) {
    std::vector<Node> nodes;
    for (int i = 0; i < 4; ++i) {
      const auto level = *rc::gen::inRange(0U, static_cast<unsigned>(std::bit_width(size)));
      nodes.push_back({level, *rc::gen::inRange<std::uint64_t>(0, size >> level)});
    }
    const auto plan = tree.plan(nodes);
    RC_ASSERT(tree.add(plan, bytes_of(plan)).has_value());
    for (const auto& node : nodes) RC_ASSERT(tree.hash(node) == log().node(node));
  }
}

RC_GTEST_PROP(TiledTree, no_changed_bit_goes_unnoticed, ()) {
  const auto height = *rc::gen::inRange(1U, 9U);
  const auto size = *rc::gen::inRange<std::uint64_t>(1, log().size() + 1);
  TiledTree tree(log().head(size), height);
  const Node leaf{0, *rc::gen::inRange<std::uint64_t>(0, size)};
  const auto plan = tree.plan({&leaf, 1});
  auto bytes = bytes_of(plan);
  auto& one = bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())];
  flip(one, *rc::gen::inRange<std::size_t>(0, one->size()));
  RC_ASSERT(!tree.add(plan, bytes));
  RC_ASSERT(!tree.plan({&leaf, 1}).tiles.empty());
}

RC_GTEST_PROP(TiledTree, what_it_believes_is_the_bytes_not_the_name, ()) {
  const auto size = *rc::gen::inRange<std::uint64_t>(1, log().size() + 1);
  const auto older = *rc::gen::inRange<std::uint64_t>(1, size + 1);
  const Node leaf{0, *rc::gen::inRange<std::uint64_t>(0, older)};
  TiledTree known(log().head(older), 4);
  const auto first = known.plan({&leaf, 1});
  RC_ASSERT(known.add(first, bytes_of(first)).has_value());
  TiledTree tree(log().head(size), 4);
  tree.believe(known);
  const auto plan = tree.plan({&leaf, 1});
  auto bytes = bytes_of(plan);
  auto& one = bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())];
  const auto good = one;
  flip(one, *rc::gen::inRange<std::size_t>(0, one->size()));
  RC_ASSERT(!tree.add(plan, bytes));
  one = good;
  RC_ASSERT(tree.add(plan, bytes).has_value());
  RC_ASSERT(tree.hash(leaf) == log().node(leaf));
}

TEST(TiledTree, inherits_full_tiles_only) {
  TiledTree older(log().head(300), 8);
  const Node leaf{0, 5};
  auto plan = older.plan({&leaf, 1});
  ASSERT_TRUE(older.add(plan, bytes_of(plan)));
  TiledTree newer(log().head(900), 8);
  newer.inherit(older);
  plan = newer.plan({&leaf, 1});
  EXPECT_EQ(paths(plan), (std::vector<std::string>{"tile/8/1/000.p/3", "tile/8/0/003.p/132"}));
  ASSERT_TRUE(newer.add(plan, bytes_of(plan)));
  EXPECT_EQ(newer.hash(leaf), log().node(leaf));
}

TEST(TiledTree, an_empty_tree_needs_nothing) {
  const TiledTree tree(log().head(0), 8);
  EXPECT_TRUE(tree.plan({}).tiles.empty());
}

}  // namespace
}  // namespace larder::sumdb
