// SPDX-License-Identifier: Apache-2.0
#include "sumdb/merkle.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace larder::sumdb {

namespace {

struct Range {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

// Where a tree of `size` leaves is split: the largest power of two below it. size > 1.
std::uint64_t left_size(std::uint64_t size) {
  return std::bit_floor(size - 1);
}

// The subtrees beside the way from leaf `index` to the root.
std::vector<Range> record_path(std::uint64_t size, std::uint64_t index) {
  std::vector<Range> out;
  for (Range here{0, size}; here.high - here.low > 1;) {
    const auto middle = here.low + left_size(here.high - here.low);
    if (index < middle) {
      out.push_back({middle, here.high});
      here.high = middle;
    } else {
      out.push_back({here.low, middle});
      here.low = middle;
    }
  }
  std::reverse(out.begin(), out.end());
  return out;
}

// The subtrees beside the way from the last subtree of the older tree to the root; before them that subtree
// itself, unless it is the whole older tree.
std::vector<Range> tree_path(std::uint64_t size, std::uint64_t older) {
  std::vector<Range> out;
  Range here{0, size};
  while (here.high != older) {
    const auto middle = here.low + left_size(here.high - here.low);
    if (older <= middle) {
      out.push_back({middle, here.high});
      here.high = middle;
    } else {
      out.push_back({here.low, middle});
      here.low = middle;
    }
  }
  if (here.low != 0) out.push_back(here);
  std::reverse(out.begin(), out.end());
  return out;
}

Result<Proof> hashes_of(const std::vector<Range>& path, const ReadHashes& read) {
  std::vector<Node> nodes;
  std::vector<std::size_t> ends;
  for (const auto& range : path) {
    const auto part = cover(range.low, range.high);
    nodes.insert(nodes.end(), part.begin(), part.end());
    ends.push_back(nodes.size());
  }
  if (nodes.empty()) return Proof();
  const auto hashes = TRY(read(nodes));
  LARDER_ASSERT(hashes.size() == nodes.size());
  Proof out;
  std::size_t begin = 0;
  for (const auto end : ends) {
    out.push_back(fold(std::span(hashes).subspan(begin, end - begin)));
    begin = end;
  }
  return out;
}

Failure proof_failed() {
  return fail(Kind::unverified, "invalid transparency proof");
}

}  // namespace

Digest leaf_hash(std::string_view record) {
  thread_local Sha256 hasher;
  hasher.update(std::string_view("\0", 1));
  hasher.update(record);
  return hasher.finish();
}

Digest node_hash(const Digest& left, const Digest& right) {
  std::array<std::byte, 65> buffer{};
  buffer[0] = std::byte{1};
  std::memcpy(buffer.data() + 1, left.bytes.data(), 32);
  std::memcpy(buffer.data() + 33, right.bytes.data(), 32);
  return sha256(Bytes(buffer));
}

std::vector<Node> cover(std::uint64_t low, std::uint64_t high) {
  std::vector<Node> out;
  while (low < high) {
    const auto level = static_cast<unsigned>(std::bit_width(high - low) - 1);
    LARDER_ASSERT(low % (std::uint64_t{1} << level) == 0);
    out.push_back({level, low >> level});
    low += std::uint64_t{1} << level;
  }
  return out;
}

Digest fold(std::span<const Digest> hashes) {
  LARDER_ASSERT(!hashes.empty());
  Digest out = hashes.back();
  for (std::size_t i = hashes.size() - 1; i-- > 0;) out = node_hash(hashes[i], out);
  return out;
}

Result<Digest> tree_hash(std::uint64_t size, const ReadHashes& read) {
  if (size == 0) return sha256("");
  const auto hashes = TRY(read(cover(0, size)));
  return fold(hashes);
}

Result<Proof> prove_record(std::uint64_t size, std::uint64_t index, const ReadHashes& read) {
  LARDER_ASSERT(index < size && size <= k_max_tree_size);
  return hashes_of(record_path(size, index), read);
}

Result<Proof> prove_tree(std::uint64_t size, std::uint64_t older, const ReadHashes& read) {
  LARDER_ASSERT(older >= 1 && older <= size && size <= k_max_tree_size);
  return hashes_of(tree_path(size, older), read);
}

Result<void> check_record(const Proof& proof, const TreeHead& tree, std::uint64_t index, const Digest& leaf) {
  if (index >= tree.size || tree.size > k_max_tree_size) return proof_failed();
  const auto path = record_path(tree.size, index);
  if (proof.size() != path.size()) return proof_failed();
  Digest hash = leaf;
  for (std::size_t i = 0; i < path.size(); ++i) {
    hash = path[i].low > index ? node_hash(hash, proof[i]) : node_hash(proof[i], hash);
  }
  if (hash != tree.root) return proof_failed();
  return {};
}

Result<void> check_tree(const Proof& proof, const TreeHead& tree, const TreeHead& older) {
  if (older.size < 1 || older.size > tree.size || tree.size > k_max_tree_size) return proof_failed();
  const auto path = tree_path(tree.size, older.size);
  if (proof.size() != path.size()) return proof_failed();
  Digest before = older.root;
  Digest now = older.root;
  std::size_t next = 0;
  if (!path.empty() && path[0].low < older.size && path[0].high == older.size) {
    before = now = proof[next++];  // the older tree is not one subtree; this is its last
  }
  for (; next < path.size(); ++next) {
    if (path[next].low >= older.size) {
      now = node_hash(now, proof[next]);
    } else {
      before = node_hash(proof[next], before);
      now = node_hash(proof[next], now);
    }
  }
  if (before != older.root || now != tree.root) return proof_failed();
  return {};
}

}  // namespace larder::sumdb
