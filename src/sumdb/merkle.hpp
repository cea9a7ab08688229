// SPDX-License-Identifier: Apache-2.0
// Arithmetic of the log's hash tree (RFC 6962): leaves, nodes, roots, and the two proofs. That a record is in
// a tree (inclusion) and that a tree begins with an older one (consistency).
//
// A node is named by its level (0: leaves) and its number within the level; it stands for the 2^level leaves
// from number·2^level on, all of which exist. Sizes are at most 2^63-1. Thread rule: pure functions.
// Spec: go-modules.md 6.3.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "base/result.hpp"

namespace larder::sumdb {

inline constexpr std::uint64_t k_max_tree_size = INT64_MAX;

struct Node {
  unsigned level = 0;
  std::uint64_t number = 0;
  friend auto operator<=>(const Node&, const Node&) = default;
};

Digest leaf_hash(std::string_view record);
Digest node_hash(const Digest& left, const Digest& right);

// The complete subtrees that leaves [low, high) fall into, from left to right. low is a multiple of every
// power of two that fits into the range, as it is wherever a tree is split.
std::vector<Node> cover(std::uint64_t low, std::uint64_t high);
// The root over what cover() named: node hashes from left to right, at least one.
Digest fold(std::span<const Digest> hashes);

// Hashes of nodes, in the order asked for.
using ReadHashes = std::function<Result<std::vector<Digest>>(std::span<const Node>)>;

// Root of the first `size` leaves. The empty tree's is the hash of nothing.
Result<Digest> tree_hash(std::uint64_t size, const ReadHashes& read);

using Proof = std::vector<Digest>;  // from the leaf upwards

// index < size; 1 <= older <= size.
Result<Proof> prove_record(std::uint64_t size, std::uint64_t index, const ReadHashes& read);
Result<Proof> prove_tree(std::uint64_t size, std::uint64_t older, const ReadHashes& read);

struct TreeHead {
  std::uint64_t size = 0;
  Digest root;
  friend bool operator==(const TreeHead&, const TreeHead&) = default;
};

// Kind::unverified: "invalid transparency proof".
Result<void> check_record(const Proof& proof, const TreeHead& tree, std::uint64_t index, const Digest& leaf);
Result<void> check_tree(const Proof& proof, const TreeHead& tree, const TreeHead& older);

}  // namespace larder::sumdb
