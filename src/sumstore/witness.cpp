// SPDX-License-Identifier: Apache-2.0
#include "sumstore/witness.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "sumdb/record.hpp"
#include "sumstore/head.hpp"

namespace larder::sumstore {

namespace {

using sumdb::Node;
using sumdb::Tile;
constexpr std::size_t k_most_tiles = 4096;  // kept at once: of 8 KB
constexpr std::size_t k_most_notes = 4096;

std::string does_not_follow(const sumdb::TreeHead& head) {
  return fmt::format("does not follow from the signed head of {} records", head.size);
}

}  // namespace

Witness::Witness(store::Store& store, std::string_view name, std::optional<sumdb::VerifierKey> key,
                 const sumdb::TreeHead& head)
    : store_(store), prefix_(prefix_of(name) + "/"), key_(std::move(key)), tree_(head, k_tile_height) {}

std::optional<std::string> Witness::read(const Tile& tile) {
  auto bytes = store::read(store_, prefix_ + tile.path(), tile.bytes());
  if (!bytes || bytes->size() != tile.bytes()) return std::nullopt;
  return *std::move(bytes);
}

// The file of the tile itself, or the beginning of the full one.
std::optional<std::string> Witness::bytes_of(const Tile& tile, bool widened) {
  auto bytes = widened ? read(tile.widened()) : read(tile);
  if (!bytes) bytes = widened ? read(tile) : read(tile.widened());
  if (bytes) bytes->resize(tile.bytes());
  return bytes;
}

bool Witness::fits(const Tiles& tiles, std::size_t edge, bool widened, bool& is_missing) {
  std::vector<sumdb::TileBytes> bytes;
  for (const auto& tile : tiles) {
    auto found = bytes_of(tile, widened);
    if (!found) {
      is_missing = is_missing || !store_.stat(prefix_ + tile.path()).value_or(std::nullopt);
      return false;
    }
    bytes.push_back(std::make_shared<const std::string>(*std::move(found)));
  }
  if (!tree_.add({tiles, edge}, bytes)) return false;
  tiles_ += tiles.size();
  return true;
}

std::optional<Verdict> Witness::add(const Tiles& tiles, std::size_t edge) {
  bool is_missing = false;
  if (fits(tiles, edge, false, is_missing) || fits(tiles, edge, true, is_missing)) return std::nullopt;
  if (is_missing) return Verdict{Verdict::Is::lacking, "a tile that proves it is not there"};
  for (const auto& tile : tiles) damaged_.insert({tile, tile.widened()});
  return Verdict{Verdict::Is::blocked, tiles.front().path() + " " + does_not_follow(head())};
}

// nullopt: tree_ has it.
std::optional<Verdict> Witness::know(const Node& node) {
  if (tiles_ > k_most_tiles) {
    tree_ = sumdb::TiledTree(tree_.head(), k_tile_height);
    tiles_ = 0;
  }
  const auto plan = tree_.plan({&node, 1});
  const auto edge = static_cast<std::ptrdiff_t>(plan.edge);
  if (plan.edge > 0) {
    if (auto bad = add(Tiles(plan.tiles.begin(), plan.tiles.begin() + edge), plan.edge)) return bad;
  }
  for (auto i = plan.edge; i < plan.tiles.size(); ++i) {
    if (auto bad = add({plan.tiles[i]}, 0)) return bad;
  }
  return std::nullopt;
}

Verdict Witness::check_tile(const Tile& tile, std::string_view bytes) {
  if (tile.height != k_tile_height) return {Verdict::Is::unproven, "is not of the height that go uses"};
  if (!tile.data && bytes.size() != tile.bytes()) {
    return {Verdict::Is::damaged, fmt::format("has {} bytes, not {}", bytes.size(), tile.bytes())};
  }
  const auto above = k_tile_height * tile.level;
  if (above >= 63 || tile.first() + tile.width > head().size >> above) {
    return {Verdict::Is::unproven, fmt::format("lies beyond the signed head of {} records", head().size)};
  }
  if (tile.data) return check_data(tile, bytes);
  const Node first{above, tile.first()};
  if (auto unknown = know(first)) {
    const bool is_it = damaged_.contains(tile);
    return is_it ? Verdict{Verdict::Is::damaged, does_not_follow(head())} : *std::move(unknown);
  }
  const auto whole = tree_.bytes(sumdb::tile_of(k_tile_height, first, head().size));
  if (!whole->starts_with(bytes)) return {Verdict::Is::damaged, does_not_follow(head())};
  return {};
}

Verdict Witness::check_data(const Tile& tile, std::string_view bytes) {
  const auto records = sumdb::parse_data_tile(bytes, tile.width);
  if (!records) return {Verdict::Is::damaged, records.error().message()};
  for (std::size_t i = 0; i < records->size(); ++i) {
    const Node leaf{0, tile.first() + i};
    if (auto unknown = know(leaf)) return *std::move(unknown);
    if (tree_.hash(leaf) != sumdb::leaf_hash((*records)[i]))
      return {Verdict::Is::damaged, does_not_follow(head())};
  }
  return {};
}

Verdict Witness::check_lookup(const gomod::Module& module, std::string_view text) {
  const auto lookup = sumdb::parse_lookup(text);
  if (!lookup) return {Verdict::Is::damaged, lookup.error().message()};
  if (!sumdb::is_record_of(lookup->record, module))
    return {Verdict::Is::damaged, "is the record of another module"};
  if (auto bad = check_head(lookup->tree_note, lookup->id); bad.is != Verdict::Is::good) return bad;
  const Node leaf{0, lookup->id};
  if (auto unknown = know(leaf)) return *std::move(unknown);
  if (tree_.hash(leaf) != sumdb::leaf_hash(lookup->record)) {
    return {Verdict::Is::damaged, fmt::format("record {} {}", lookup->id, does_not_follow(head()))};
  }
  return {};
}

Verdict Witness::check_head(std::string_view note, std::uint64_t id) {
  const auto known = notes_.find(note);
  const auto older = known != notes_.end() ? Result<sumdb::TreeHead>(known->second)
                                           : open_head(note, key_ ? &*key_ : nullptr);
  if (!older) return {Verdict::Is::damaged, older.error().message()};
  if (id >= older->size) return {Verdict::Is::damaged, fmt::format("has record {} of {}", id, older->size)};
  if (known != notes_.end()) return {};
  if (older->size > head().size) {
    return {Verdict::Is::unproven, fmt::format("its head of {} records is newer than `latest`", older->size)};
  }
  if (auto bad = check_line(*older); bad.is != Verdict::Is::good) return bad;
  if (notes_.size() < k_most_notes) notes_.emplace(note, *older);
  return {};
}

// Does the tree begin with that one?
Verdict Witness::check_line(const sumdb::TreeHead& older) {
  if (older == head()) return {};
  std::vector<Digest> hashes;
  for (const auto& node : sumdb::cover(0, older.size)) {
    if (older.size == head().size) break;
    if (auto unknown = know(node)) return *std::move(unknown);
    hashes.push_back(tree_.hash(node));
  }
  const auto found = hashes.empty() ? head().root : sumdb::fold(hashes);
  if (found == older.root) return {};
  const std::string_view who = key_ ? "both signed" : "the database's key is not known here";
  return {key_ ? Verdict::Is::forked : Verdict::Is::damaged,
          fmt::format("its head of {} records and the store's of {} do not lie on one line ({}):\n\t{}\n\t{}",
                      older.size, head().size, who, older.root.base64(), head().root.base64())};
}

}  // namespace larder::sumstore
