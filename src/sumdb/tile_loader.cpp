// SPDX-License-Identifier: Apache-2.0
#include "sumdb/tile_loader.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace larder::sumdb {

namespace {

TileBytes share(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

// The bytes of a tile from those of the full one.
std::optional<std::string> narrowed(const Tile& tile, std::string bytes) {
  if (bytes.size() != tile.widened().bytes()) return std::nullopt;
  bytes.resize(tile.bytes());
  return bytes;
}

Error not_fetched(const Tile& tile) {
  return {Kind::internal, tile.path() + " was not fetched"};
}

// A partial tile goes when the full one comes.
bool may_have_grown(const Tile& tile, const Error& error) {
  return !tile.full() && error.kind() != Kind::cancelled && error.kind() != Kind::unavailable;
}

}  // namespace

std::optional<TileLoader::Entry> TileLoader::remembered(const Tile& tile) const {
  if (const auto it = entries_.find(tile); it != entries_.end()) return it->second;
  const auto full = entries_.find(tile.widened());
  if (full == entries_.end()) return std::nullopt;
  return Entry{share(full->second.bytes->substr(0, tile.bytes())), full->second.is_cached};
}

// What has the wrong length is as good as absent.
std::optional<TileLoader::Entry> TileLoader::cached(const Tile& tile) {
  auto bytes = state_.cached(tile.path());
  if (bytes && bytes->size() == tile.bytes()) return Entry{share(*std::move(bytes)), true};
  if (tile.full()) return std::nullopt;
  auto full = state_.cached(tile.widened().path());
  auto part = full ? narrowed(tile, *std::move(full)) : std::nullopt;
  if (!part) return std::nullopt;
  return Entry{share(*std::move(part)), true};
}

void TileLoader::fetch_remote(const std::vector<Tile>& tiles, Answers& answers, const std::stop_token& stop) {
  const auto ask = [&](const std::vector<std::size_t>& which, bool widened) {
    std::vector<std::string> paths;
    for (const auto i : which) paths.push_back("/" + (widened ? tiles[i].widened() : tiles[i]).path());
    auto limit = tiles.front().widened().bytes();
    return paths.empty() ? std::vector<Result<std::string>>() : transport_.read(paths, limit, stop);
  };
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    if (!answers[i]) missing.push_back(i);
  }
  auto exact = ask(missing, false);
  std::vector<std::size_t> grown;
  for (std::size_t k = 0; k < missing.size(); ++k) {
    const auto i = missing[k];
    if (!exact[k]) {
      if (may_have_grown(tiles[i], exact[k].error())) grown.push_back(i);
      answers[i] = fail(std::move(exact[k]).error());
    } else if (exact[k]->size() != tiles[i].bytes()) {
      answers[i] = fail(Kind::unverified, "downloaded inconsistent tile");
    } else {
      answers[i] = Entry{share(*std::move(exact[k])), false};
    }
  }
  auto full = ask(grown, true);
  for (std::size_t k = 0; k < grown.size(); ++k) {
    auto part = full[k] ? narrowed(tiles[grown[k]], *std::move(full[k])) : std::nullopt;
    if (part) answers[grown[k]] = Entry{share(*std::move(part)), false};
  }
}

TileLoader::Answers TileLoader::fetch(const std::vector<Tile>& tiles, From from,
                                      const std::stop_token& stop) {
  Answers out;
  for (const auto& tile : tiles) {
    auto found = from == From::anywhere ? cached(tile) : std::nullopt;
    out.emplace_back(found ? Result<Entry>(*std::move(found)) : Result<Entry>(fail(not_fetched(tile))));
  }
  fetch_remote(tiles, out, stop);
  return out;
}

Result<std::vector<TileBytes>> TileLoader::load(const std::vector<Tile>& tiles, From from,
                                                std::stop_token stop) {
  if (tiles.empty()) return std::vector<TileBytes>();
  std::unique_lock lock(mutex_);
  // All or none are claimed, and nobody waits who has claimed: no two can wait for each other.
  const auto is_free = [&](const Tile& tile) { return !under_way_.contains(tile); };
  if (!arrived_.wait(lock, stop, [&] { return std::ranges::all_of(tiles, is_free); })) {
    return fail(Kind::cancelled, "cancelled");
  }
  std::map<Tile, Result<Entry>> have;
  std::vector<Tile> wanted;
  for (const auto& tile : tiles) {
    auto known = from == From::anywhere ? remembered(tile) : std::nullopt;
    if (known) {
      have.emplace(tile, *std::move(known));
    } else {
      wanted.push_back(tile);
    }
  }
  if (!wanted.empty()) {
    under_way_.insert(wanted.begin(), wanted.end());
    lock.unlock();
    auto answers = fetch(wanted, from, stop);
    lock.lock();
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      under_way_.erase(wanted[i]);
      if (answers[i]) entries_.insert_or_assign(wanted[i], *answers[i]);
      have.emplace(wanted[i], std::move(answers[i]));
    }
    arrived_.notify_all();
  }
  std::vector<TileBytes> out;
  for (const auto& tile : tiles) {
    const auto& entry = have.at(tile);
    if (!entry) return fail(entry.error());
    out.push_back(entry->bytes);
  }
  return out;
}

void TileLoader::save(const std::vector<Tile>& tiles) {
  std::vector<std::pair<Tile, TileBytes>> fresh;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& tile : tiles) {
      const auto it = entries_.find(tile);
      if (it == entries_.end() || it->second.is_cached) continue;
      it->second.is_cached = true;
      fresh.emplace_back(tile, it->second.bytes);
    }
  }
  for (const auto& [tile, bytes] : fresh) state_.cache(tile.path(), *bytes);
}

}  // namespace larder::sumdb
