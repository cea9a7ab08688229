// SPDX-License-Identifier: Apache-2.0
#include "sumstore/own.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/ed25519.hpp"
#include "base/text.hpp"
#include "sumdb/record.hpp"
#include "sumdb/tile.hpp"
#include "sumstore/head.hpp"
#include "sumstore/layout.hpp"
#include "sumstore/own_records.hpp"
#include "sumstore/unfinished.hpp"

namespace larder::sumstore {

namespace {

constexpr std::string_view k_private = "PRIVATE+KEY+";
constexpr char k_ed25519 = '\x01';
constexpr std::size_t k_seed_size = 32;
constexpr unsigned k_height = k_tile_height;
constexpr std::uint64_t k_width = 1U << k_height;

using sumdb::Tile;

std::string bytes_of(const std::vector<Digest>& hashes, std::size_t first, std::size_t count) {
  std::string out;
  for (std::size_t i = first; i < first + count; ++i) {
    out.append(as_text(std::as_bytes(std::span(hashes[i].bytes))));
  }
  return out;
}

// All leaves of a log, and what is computed from them.
class Log {
 public:
  std::uint64_t size() const { return levels_.front().size(); }
  void add(const Digest& leaf) { levels_.front().push_back(leaf); }
  std::span<const Digest> leaves() const { return levels_.front(); }

  Tile tile(unsigned level, std::uint64_t number) const {
    const auto width = std::min(k_width, levels_[level].size() - number * k_width);
    return {.height = k_height, .level = level, .number = number, .width = static_cast<unsigned>(width)};
  }
  std::string bytes(const Tile& tile) const {
    return bytes_of(levels_[tile.level], static_cast<std::size_t>(tile.first()), tile.width);
  }

  // The levels of tiles above the leaves, as far as they are full.
  void build() {
    levels_.resize(1);
    while (levels_.back().size() >= k_width) {
      const auto level = static_cast<unsigned>(levels_.size() - 1);
      std::vector<Digest> above;
      for (std::uint64_t n = 0; (n + 1) * k_width <= levels_.back().size(); ++n) {
        const auto full = tile(level, n);
        above.push_back(sumdb::tile_root(full, bytes(full)));
      }
      levels_.push_back(std::move(above));
    }
  }
  std::size_t levels() const { return levels_.size(); }
  std::uint64_t tiles(std::size_t level) const { return (levels_[level].size() + k_width - 1) / k_width; }

  // After build().
  Digest root() const {
    if (size() == 0) return sha256("");
    std::vector<Digest> hashes;
    for (const auto& node : sumdb::cover(0, size())) {
      const auto at = sumdb::tile_of(k_height, node, size());
      hashes.push_back(sumdb::hash_in_tile(at, bytes(at), node));
    }
    return sumdb::fold(hashes);
  }

 private:
  std::vector<std::vector<Digest>> levels_ = std::vector<std::vector<Digest>>(1);
};

Result<Digest> digest_at(std::string_view bytes, std::size_t number) {
  Digest out;
  const auto part = bytes.substr(number * sumdb::k_hash_bytes, sumdb::k_hash_bytes);
  if (part.size() != out.bytes.size()) return fail(Kind::unverified, "a tile is cut");
  std::ranges::transform(part, out.bytes.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return out;
}

class Grower {
 public:
  Grower(store::Store& store, const SignerKey& key) : store_(store), key_(key) {
    prefix_ = prefix_of(key.verifier().name()) + "/";
  }

  Result<Grown> run(const std::map<gomod::Module, std::string>& records, const std::stop_token& stop) {
    const auto lock = TRY(store_.lock(prefix_ + "latest"));
    remove_unfinished(store_, key_.verifier().name());
    TRY(load().context("the log " + key_.verifier().name()));
    TRY(load_records());
    const auto before = log_.size();
    const auto fresh = TRY(select(records));
    for (const auto& [module, record] : fresh) {
      recorded_[module] = log_.size();
      texts_[log_.size()] = record;
      log_.add(sumdb::leaf_hash(record));
    }
    if (stop.stop_requested()) return fail(Kind::cancelled, "cancelled");
    log_.build();
    const sumdb::TreeHead head{log_.size(), log_.root()};
    if (!fresh.empty() || note_.empty()) TRY(publish(before, head));
    TRY(write_lookups(before));
    TRY(store_.put(prefix_ + "supported", {}));
    return Grown{fresh.size(), present_, head};
  }

 private:
  using Records = std::vector<std::pair<gomod::Module, std::string>>;

  // The leaves that were signed, all of them.
  Result<void> load() {
    const auto before = TRY(remembered_head(store_, key_.verifier().name(), &key_.verifier()));
    if (before.note.empty()) return refuse_to_begin_anew();
    note_ = before.note;
    const auto& head = before.tree;
    for (std::uint64_t n = 0; n * k_width < head.size; ++n) {
      const auto width = std::min(k_width, head.size - n * k_width);
      const Tile tile{.height = k_height, .level = 0, .number = n, .width = static_cast<unsigned>(width)};
      const auto bytes = TRY(read_tile(tile));
      for (std::size_t i = 0; i < width; ++i) log_.add(TRY(digest_at(bytes, i)));
    }
    log_.build();
    if (log_.root() != head.root) return fail(Kind::unverified, "its tiles do not have the signed root");
    return {};
  }

  // Tiles without a head: what was signed is unknown, and a new head might be a fork of it.
  Result<void> refuse_to_begin_anew() {
    const auto name = key_.verifier().name();
    if (TRY(shelf_of(store_, name)).empty()) return {};
    return fail(Kind::unverified, "its signed head (latest) is gone, though it has tiles",
                how_to_begin_anew(prefix_of(name)));
  }

  Result<std::string> read_tile(const Tile& tile) {
    const auto exact = TRY(store::read_if_exists(store_, prefix_ + tile.path(), k_max_object));
    if (exact) return *exact;
    return store::read(store_, prefix_ + tile.widened().path(), k_max_object);
  }

  Result<void> load_records() {
    texts_ = TRY(own_records(store_, key_.verifier().name(), log_.leaves()));
    for (const auto& [id, text] : texts_) {  // of two, the second says what the first does and more
      if (const auto module = sumdb::module_of_record(text)) recorded_[*module] = id;
    }
    return {};
  }

  // What has no record yet. A record of the go.mod alone may be followed by one of both.
  Result<Records> select(const std::map<gomod::Module, std::string>& records) {
    Records out;
    std::vector<std::string> conflicts;
    for (const auto& [module, record] : records) {
      const auto known = recorded_.find(module);
      const std::string_view before =
          known == recorded_.end() ? std::string_view() : texts_.at(known->second);
      if (!before.empty() && !extends(record, before)) {
        conflicts.push_back(fmt::format("{}: has a record with another hash", module.str()));
      } else if (before.size() == record.size()) {
        ++present_;
      } else {
        out.emplace_back(module, record);
      }
    }
    if (!conflicts.empty()) return fail(Kind::unverified, join(conflicts, "\n"), "nothing was added");
    return out;
  }

  static bool extends(std::string_view record, std::string_view before) {
    const auto now = lines(record);
    return std::ranges::all_of(lines(before),
                               [&](auto line) { return std::ranges::find(now, line) != now.end(); });
  }

  // Tiles first. Where there is no head yet, one of the empty log tells that these were never signed.
  Result<void> publish(std::uint64_t before, const sumdb::TreeHead& head) {
    if (note_.empty() && head.size > 0) {
      const auto empty = TRY(key_.sign(sumdb::tree_head_text({0, sha256("")})));
      TRY(store_.put(prefix_ + "latest", as_bytes(empty)));
    }
    TRY(write_tiles(before));
    TRY(write_data(before));
    note_ = TRY(key_.sign(sumdb::tree_head_text(head)));
    return store_.put(prefix_ + "latest", as_bytes(note_));
  }

  // Of what is new, and of what a run recorded that was cut off here.
  Result<void> write_lookups(std::uint64_t before) {
    const auto shelf = TRY(shelf_of(store_, key_.verifier().name()));
    for (const auto& [module, id] : recorded_) {
      const auto file = TRY(lookup_file(module));
      if (id < before && std::ranges::binary_search(shelf.lookups, file)) continue;
      TRY(store_.put(prefix_ + file, as_bytes(lookup_text(id, texts_.at(id), note_))));
    }
    return {};
  }

  // Those that the tree before had in full are there.
  Result<void> write_tiles(std::uint64_t before) {
    for (std::size_t level = 0; level < log_.levels(); ++level) {
      for (std::uint64_t n = (before >> (k_height * level)) / k_width; n < log_.tiles(level); ++n) {
        const auto tile = log_.tile(static_cast<unsigned>(level), n);
        TRY(store_.put(prefix_ + tile.path(), as_bytes(log_.bytes(tile))));
      }
    }
    return {};
  }

  // The records themselves, for whoever wants to read the whole log. No client needs them to look something
  // up, so what an older log cannot tell any more is left out.
  Result<void> write_data(std::uint64_t before) {
    for (std::uint64_t n = 0; n < log_.tiles(0); ++n) {
      auto tile = log_.tile(0, n);
      tile.data = true;
      if ((n + 1) * k_width <= before && TRY(store_.stat(prefix_ + tile.path()))) continue;
      if (const auto text = data_of(tile)) TRY(store_.put(prefix_ + tile.path(), as_bytes(*text)));
    }
    return {};
  }

  std::optional<std::string> data_of(const Tile& tile) const {
    std::string out;
    for (std::uint64_t id = tile.first(); id < tile.first() + tile.width; ++id) {
      const auto text = texts_.find(id);
      if (text == texts_.end()) return std::nullopt;
      out += text->second + '\n';
    }
    if (out.size() > k_max_object) return std::nullopt;
    return out;
  }

  store::Store& store_;
  const SignerKey& key_;
  std::string prefix_;
  Log log_;
  std::string note_;                                 // the signed head; empty where there is none yet
  std::map<std::uint64_t, std::string> texts_;       // of the records, by leaf; see own_records
  std::map<gomod::Module, std::uint64_t> recorded_;  // the leaf that tells of a version
  std::uint64_t present_ = 0;
};

}  // namespace

Result<SignerKey> SignerKey::make(std::string_view name, std::string_view seed) {
  if (seed.size() != k_seed_size || !valid_name(name)) return fail(Kind::invalid, "malformed signer id");
  auto verifier = TRY(sumdb::VerifierKey::make(name, TRY(ed25519_public_key(seed))));
  return SignerKey(std::move(verifier), std::string(seed));
}

Result<SignerKey> SignerKey::parse(std::string_view text) {
  const auto malformed = [] { return fail(Kind::invalid, "malformed signer id"); };
  text = trim(text);
  if (!text.starts_with(k_private)) return malformed();
  const auto parts = split(text.substr(k_private.size()), '+');
  if (parts.size() < 3) return malformed();
  // The name has no '+'; base64 may.
  const auto rest = text.substr(k_private.size() + parts[0].size() + parts[1].size() + 2);
  const auto seed = base64_decode(rest);
  if (!seed || seed->size() != 1 + k_seed_size || seed->front() != k_ed25519) return malformed();
  auto key = TRY(make(parts[0], std::string_view(*seed).substr(1)));
  if (!key.str().starts_with(fmt::format("{}{}+{}+", k_private, parts[0], parts[1]))) return malformed();
  return key;
}

std::string SignerKey::str() const {
  return fmt::format("{}{}+{}", k_private, verifier_.id(), base64_encode(as_bytes(k_ed25519 + seed_)));
}

Result<std::string> SignerKey::sign(std::string_view text) const {
  return sumdb::sign_note(text, verifier_, seed_);
}

Result<Grown> grow(store::Store& store, const SignerKey& key,
                   const std::map<gomod::Module, std::string>& records, const std::stop_token& stop) {
  return Grower(store, key).run(records, stop);
}

}  // namespace larder::sumstore
