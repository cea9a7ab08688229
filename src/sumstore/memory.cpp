// SPDX-License-Identifier: Apache-2.0
#include "sumstore/memory.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sumdb/record.hpp"
#include "sumstore/head.hpp"
#include "sumstore/layout.hpp"
#include "sumstore/witness.hpp"

namespace larder::sumstore {

namespace {

using sumdb::Node;
using sumdb::Tile;

constexpr std::size_t k_most_unseen = 16;  // heads whose tiles are looked at, the newest

struct SignedHead {
  sumdb::TreeHead tree;
  std::string note;
};

// A tile that is held, and what the client's tree has in its place.
struct Contradiction {
  Tile tile;
  Digest held;
  Digest theirs;
};

// The bytes that would tell are not there, or damaged.
bool tells_nothing(Kind kind) {
  return kind == Kind::not_found || kind == Kind::unverified || kind == Kind::invalid;
}

// No tree is so large.
bool is_beyond_all(const Tile& tile) {
  const auto level = k_tile_height * (tile.level + 1);
  return level >= 63 || tile.number >= sumdb::k_max_tree_size >> level;
}

std::string indented(std::string_view text) {
  std::string out = "\t";
  for (const char c : text) {
    out += c;
    if (c == '\n') out += '\t';
  }
  return out;
}

class Memory {
 public:
  Memory(store::Store& store, const std::string& name, sumdb::Client& client, const std::stop_token& stop)
      : store_(store), name_(name), prefix_(prefix_of(name) + "/"), client_(client), stop_(stop) {}

  Result<void> compare() {
    shelf_ = TRY(shelf_of(store_, name_));
    std::erase_if(shelf_.tiles, [](const auto& tile) { return tile.data || is_beyond_all(tile); });
    if (shelf_.empty()) return {};
    TRY(read_heads());
    for (const auto& head : heads_) TRY(see(head));
    auto newest = client_.evidence({}, {}, stop_);
    if (!newest) return tells_nothing(newest.error().kind()) ? Result<void>() : fail(newest.error());
    newest_ = {newest->tree, newest->note};
    TRY(find_contradictions());
    return judge();
  }

 private:
  // Each once, the newest first. What is not signed is damage.
  Result<void> read_heads() {
    std::set<std::string> notes;
    notes.insert(store::read_if_exists(store_, prefix_ + "latest", k_max_object)
                     .value_or(std::nullopt)
                     .value_or(std::string()));
    for (const auto& file : shelf_.lookups) {
      const auto text = TRY(store::read_or_empty(store_, prefix_ + file, k_max_object)).value_or("");
      if (const auto lookup = sumdb::parse_lookup(text)) notes.emplace(lookup->tree_note);
    }
    for (const auto& note : notes) {
      const auto head = open_head(note, &client_.key());
      if (head && head->size > 0) heads_.push_back({*head, note});
    }
    std::ranges::sort(heads_, std::greater<>(), [](const auto& head) { return head.tree.size; });
    return {};
  }

  Result<void> see(const SignedHead& head) {
    const auto seen = client_.see(head.note, stop_);
    if (seen) return {};
    if (client_.forked() || !tells_nothing(seen.error().kind())) return fail(seen.error());
    unseen_.push_back(&head);
    return {};
  }

  std::optional<std::string> read(const Tile& tile) {
    auto bytes = store::read(store_, prefix_ + tile.path(), tile.bytes());
    if (!bytes || bytes->size() != tile.bytes()) return std::nullopt;
    return *std::move(bytes);
  }

  Result<void> find_contradictions() {
    for (const auto& tile : shelf_.tiles) {
      const auto bytes = read(tile);
      if (!bytes) continue;
      const auto found = compare(tile, *bytes);
      if (!found && !tells_nothing(found.error().kind())) return fail(found.error());
      if (found && *found) contradictions_.push_back(**found);
    }
    return {};
  }

  // A full one has its hash in the tile above, which is there for every record below it.
  Result<std::optional<Contradiction>> compare(const Tile& tile, std::string_view bytes) {
    const auto level = k_tile_height * tile.level;
    const auto here = newest_.tree.size >> level;
    std::vector<Node> nodes;
    if (tile.full() && tile.number < here >> k_tile_height) {
      nodes.push_back({level + k_tile_height, tile.number});
    } else {
      const auto end = std::min(here, tile.first() + tile.width);
      for (auto i = tile.first(); i < end; ++i) nodes.push_back({level, i});
    }
    if (nodes.empty()) return std::nullopt;
    const auto theirs = TRY(client_.prove(nodes, stop_));
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const auto held = nodes[i].level == level ? sumdb::hash_in_tile(tile, bytes, nodes[i])
                                                : sumdb::tile_root(tile, bytes);
      if (held != theirs[i]) return Contradiction{tile, held, theirs[i]};
    }
    return std::nullopt;
  }

  // A tile that contradicts may be damaged. It is not where a signed head of the store has it, or the tile
  // above it does; and where no signed head is left that these tiles were written for, they are all that is
  // remembered.
  Result<void> judge() {
    if (contradictions_.empty()) return {};
    for (std::size_t i = 0; i < std::min(unseen_.size(), k_most_unseen); ++i) {
      Witness witness(store_, name_, client_.key(), unseen_[i]->tree);
      for (const auto& found : contradictions_) {
        if (witness.check_tile(found.tile, read(found.tile).value_or("")).is == Verdict::Is::good)
          return report(found, unseen_[i]->note);
      }
    }
    const bool is_theirs = std::ranges::any_of(heads_, [&](const auto& head) { return is_edge_of(head); });
    for (const auto& found : contradictions_) {
      if (!is_theirs || stands_in_parent(found)) return report_tiles(found);
    }
    return {};
  }

  // Its right edge is there, but for one file that was damaged.
  bool is_edge_of(const SignedHead& head) {
    unsigned bad = 0;
    for (const auto& tile : sumdb::TiledTree(head.tree, k_tile_height).plan({}).tiles) {
      const auto is_held = [&](const Tile& one) {
        return std::ranges::find(shelf_.tiles, one) != shelf_.tiles.end();
      };
      if (!is_held(tile) && !is_held(tile.widened())) return false;
      const auto is_it = [&](const Contradiction& one) {
        return one.tile == tile || one.tile == tile.widened();
      };
      if (std::ranges::any_of(contradictions_, is_it)) ++bad;
    }
    return bad <= 1;
  }

  bool stands_in_parent(const Contradiction& found) {
    const auto& tile = found.tile;
    if (!tile.full()) return false;
    const Node node{k_tile_height * (tile.level + 1), tile.number};
    const auto is_it = [&](const Tile& above) {
      if (above.level != tile.level + 1 || above.number != tile.number >> k_tile_height ||
          above.first() + above.width <= tile.number) {
        return false;
      }
      const auto bytes = read(above);
      return bytes && sumdb::hash_in_tile(above, *bytes, node) == found.held;
    };
    return std::ranges::any_of(shelf_.tiles, is_it);
  }

  Result<void> report(const Contradiction& found, std::string_view old) {
    return fail(Kind::unverified,
                fmt::format("SECURITY ERROR\ngo.sum database server misbehavior detected!\n\nold database:\n"
                            "{}\nnew database:\n{}\nproof of misbehavior:\n\t{}",
                            indented(old), indented(newest_.note), difference(found)));
  }

  Result<void> report_tiles(const Contradiction& found) {
    return fail(Kind::unverified,
                fmt::format("{}its tiles are of another history than the head that comes in\n\nheld, as its "
                            "tiles tell:\n{}\ncoming in:\n{}\ndifference:\n\t{}",
                            prefix_, indented(tree_of_tiles()), indented(newest_.note), difference(found)),
                how_to_begin_anew(prefix_of(name_)));
  }

  std::string difference(const Contradiction& found) const {
    return fmt::format("{}{}\n\told: {}\n\tnew: {}", prefix_, found.tile.path(), found.held.base64(),
                       found.theirs.base64());
  }

  // The newest tree whose right edge is there.
  std::string tree_of_tiles() {
    std::uint64_t size = 0;
    for (const auto& tile : shelf_.tiles) {
      size = std::max(size, (tile.first() + tile.width) << (k_tile_height * tile.level));
    }
    std::vector<Digest> hashes;
    for (const auto& node : sumdb::cover(0, size)) {
      const auto tile = sumdb::tile_of(k_tile_height, node, size);
      auto bytes = read(tile);
      if (!bytes) bytes = read(tile.widened());
      if (!bytes) return fmt::format("{} records, without the tiles that give its root", size);
      hashes.push_back(sumdb::hash_in_tile(tile, bytes->substr(0, tile.bytes()), node));
    }
    return sumdb::tree_head_text({size, sumdb::fold(hashes)}) + "(not signed)";
  }

  store::Store& store_;
  const std::string& name_;
  std::string prefix_;  // with its slash
  sumdb::Client& client_;
  const std::stop_token& stop_;
  Shelf shelf_;
  std::vector<SignedHead> heads_;
  std::vector<const SignedHead*> unseen_;  // of heads_: nothing shows that they lie on the line, or that not
  SignedHead newest_;
  std::vector<Contradiction> contradictions_;
};

}  // namespace

Result<void> compare_with_memory(store::Store& store, const std::string& name, sumdb::Client& client,
                                 const std::stop_token& stop) {
  return Memory(store, name, client, stop).compare();
}

}  // namespace larder::sumstore
