// SPDX-License-Identifier: Apache-2.0
#include "sumdb/merkle.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sumdb/test_log.hpp"

namespace larder::sumdb {
namespace {

constexpr std::uint64_t k_largest = 1U << 12U;

const TestLog& log() {
  static const TestLog k_log = [] {
    TestLog out;
    out.fill(k_largest);
    return out;
  }();
  return k_log;
}

ReadHashes reader() {
  return [](std::span<const Node> nodes) -> Result<std::vector<Digest>> {
    std::vector<Digest> out;
    for (const auto& node : nodes) out.push_back(log().node(node));
    return out;
  };
}

std::uint64_t any_size(std::uint64_t low = 1) {
  return *rc::gen::inRange<std::uint64_t>(low, k_largest + 1);
}

TEST(Merkle, vectors) {
  const auto a = leaf_hash("a\n");
  const auto b = leaf_hash("b\n");
  const auto c = leaf_hash("c\n");
  EXPECT_EQ(a.base64(), "tqVntGZWKmqVSvYVe4mPnogOQ1IwStwpaRVfDk3jHPA=");
  EXPECT_EQ(node_hash(a, b).base64(), "m3LFXpeNd4t1tMjR8R2UnLOxvr8SE2zKc+/hIk0LdsY=");
  EXPECT_EQ(node_hash(node_hash(a, b), c).base64(), "XJVgyeqZ3X9TFi1DypBArCfAZ7Mw9+RuHRSxcezTLPE=");
  EXPECT_EQ(tree_hash(0, reader()).value(), sha256(""));
}

TEST(Merkle, covers) {
  using Nodes = std::vector<Node>;
  EXPECT_EQ(cover(0, 0), Nodes());
  EXPECT_EQ(cover(0, 1), (Nodes{{0, 0}}));
  EXPECT_EQ(cover(0, 7), (Nodes{{2, 0}, {1, 2}, {0, 6}}));
  EXPECT_EQ(cover(4, 8), (Nodes{{2, 1}}));
  EXPECT_EQ(cover(0, k_max_tree_size).size(), 63U);
  EXPECT_EQ(cover(0, std::uint64_t{1} << 62U), (Nodes{{62, 0}}));
}

RC_GTEST_PROP(Merkle, root_is_that_of_the_definition, ()) {
  const auto size = any_size(0);
  RC_ASSERT(tree_hash(size, reader()).value() == log().root(size));
}

RC_GTEST_PROP(Merkle, records_are_proven, ()) {
  const auto tree = log().head(any_size());
  const auto index = *rc::gen::inRange<std::uint64_t>(0, tree.size);
  const auto leaf = leaf_hash(log().record(index));
  auto proof = prove_record(tree.size, index, reader()).value();
  RC_ASSERT(check_record(proof, tree, index, leaf).has_value());
  RC_ASSERT(!check_record(proof, tree, index, leaf_hash("other\n")));
  RC_ASSERT(!check_record(proof, tree, tree.size, leaf));
  proof.push_back(leaf);
  RC_ASSERT(!check_record(proof, tree, index, leaf));
  proof.pop_back();
  if (proof.empty()) return;
  auto& one = proof[*rc::gen::inRange<std::size_t>(0, proof.size())];
  one.bytes[7] ^= 1U;
  RC_ASSERT(!check_record(proof, tree, index, leaf));
  proof.pop_back();
  RC_ASSERT(!check_record(proof, tree, index, leaf));
}

RC_GTEST_PROP(Merkle, trees_are_proven, ()) {
  const auto tree = log().head(any_size());
  const auto older = log().head(*rc::gen::inRange<std::uint64_t>(1, tree.size + 1));
  auto proof = prove_tree(tree.size, older.size, reader()).value();
  RC_ASSERT(check_tree(proof, tree, older).has_value());
  auto forged = older;
  forged.root.bytes[0] ^= 1U;
  RC_ASSERT(!check_tree(proof, tree, forged));
  RC_ASSERT(!check_tree(proof, older, {tree.size + 1, tree.root}));
  proof.push_back(tree.root);
  RC_ASSERT(!check_tree(proof, tree, older));
  proof.pop_back();
  if (proof.empty()) return;
  proof[*rc::gen::inRange<std::size_t>(0, proof.size())].bytes[31] ^= 1U;
  RC_ASSERT(!check_tree(proof, tree, older));
}

// Every pair in small trees: that a proof's length and order are right at every edge.
TEST(Merkle, all_small_trees) {
  for (std::uint64_t size = 1; size <= 40; ++size) {
    const auto tree = log().head(size);
    for (std::uint64_t i = 0; i < size; ++i) {
      const auto leaf = leaf_hash(log().record(i));
      EXPECT_TRUE(check_record(prove_record(size, i, reader()).value(), tree, i, leaf)) << size << " " << i;
      const auto older = log().head(i + 1);
      EXPECT_TRUE(check_tree(prove_tree(size, i + 1, reader()).value(), tree, older)) << size << " " << i;
    }
  }
}

TEST(Merkle, sizes_that_no_proof_fits) {
  EXPECT_FALSE(check_tree({}, log().head(4), {0, sha256("")}));
  EXPECT_FALSE(check_tree({}, log().head(4), log().head(5)));
  EXPECT_FALSE(check_record({}, {UINT64_MAX, {}}, 5, {}));
  EXPECT_FALSE(check_tree({}, {UINT64_MAX, {}}, {UINT64_MAX, {}}));
}

}  // namespace
}  // namespace larder::sumdb
