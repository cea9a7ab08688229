// SPDX-License-Identifier: Apache-2.0
// One carried database under one head: which of its files follow from that head. Each tile on the way is read
// and hashed once. What is good here is what a client can prove; what is damaged cannot be proven by anybody.
//
// Invariant: `good` and `damaged` follow from the head's root alone; where the bytes that would tell are not
// there, the verdict is `lacking`, where those are damaged themselves, `blocked`. Memory: bounded, some
// 32 MB of tiles. Thread rule: one thread at a time. Spec: go-modules.md 6.3 to 6.5.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gomod/module.hpp"
#include "store/store.hpp"
#include "sumdb/note.hpp"
#include "sumdb/tiled_tree.hpp"
#include "sumstore/layout.hpp"

namespace larder::sumstore {

struct Verdict {
  enum class Is {
    good,
    damaged,
    blocked,   // a tile that it would be proven with is damaged
    lacking,   // such a tile is not there
    unproven,  // the head is older than it
    forked,    // two heads that were signed do not lie on one line
  };
  Is is = Is::good;
  std::string why;
};

class Witness {
 public:
  // key: nullopt where it is not known; signatures are not looked at then.
  Witness(store::Store& store, std::string_view name, std::optional<sumdb::VerifierKey> key,
          const sumdb::TreeHead& head);

  const sumdb::TreeHead& head() const { return tree_.head(); }
  Verdict check_tile(const sumdb::Tile& tile, std::string_view bytes);
  Verdict check_lookup(const gomod::Module& module, std::string_view text);

 private:
  using Tiles = std::vector<sumdb::Tile>;
  std::optional<Verdict> know(const sumdb::Node& node);
  std::optional<Verdict> add(const Tiles& tiles, std::size_t edge);
  bool fits(const Tiles& tiles, std::size_t edge, bool widened, bool& is_missing);
  std::optional<std::string> read(const sumdb::Tile& tile);
  std::optional<std::string> bytes_of(const sumdb::Tile& tile, bool widened);
  Verdict check_data(const sumdb::Tile& tile, std::string_view bytes);
  Verdict check_head(std::string_view note, std::uint64_t id);
  Verdict check_line(const sumdb::TreeHead& older);

  store::Store& store_;
  std::string prefix_;  // with its slash
  std::optional<sumdb::VerifierKey> key_;
  sumdb::TiledTree tree_;
  std::size_t tiles_ = 0;  // in tree_
  std::set<sumdb::Tile> damaged_;
  std::map<std::string, sumdb::TreeHead, std::less<>> notes_;  // that are good and on the line
};

}  // namespace larder::sumstore
