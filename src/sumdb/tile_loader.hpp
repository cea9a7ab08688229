// SPDX-License-Identifier: Apache-2.0
// Bytes of tiles: remembered, cached, or from the server, each fetched once however many threads want it.
// Nothing here is proven: see tiled_tree.hpp. Thread rule: any number of threads at once.
// Spec: go-modules.md 6.5, step 6.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <stop_token>
#include <vector>

#include "base/result.hpp"
#include "sumdb/ports.hpp"
#include "sumdb/tiled_tree.hpp"

namespace larder::sumdb {

class TileLoader {
 public:
  TileLoader(Transport& transport, State& state) : transport_(transport), state_(state) {}

  enum class From {
    anywhere,
    server,  // in place of what is remembered or cached and turned out to be wrong
  };
  // In the order of the tiles; bytes of the right length. The first failure is the error.
  Result<std::vector<TileBytes>> load(const std::vector<Tile>& tiles, From from, std::stop_token stop);

  // Proven now: caches what did not come from there.
  void save(const std::vector<Tile>& tiles);

 private:
  struct Entry {
    TileBytes bytes;
    bool is_cached = false;
  };
  using Answers = std::vector<Result<Entry>>;

  std::optional<Entry> remembered(const Tile& tile) const;
  std::optional<Entry> cached(const Tile& tile);
  Answers fetch(const std::vector<Tile>& tiles, From from, const std::stop_token& stop);
  void fetch_remote(const std::vector<Tile>& tiles, Answers& answers, const std::stop_token& stop);

  Transport& transport_;
  State& state_;
  std::mutex mutex_;  // for all below
  std::condition_variable_any arrived_;
  std::map<Tile, Entry> entries_;
  std::set<Tile> under_way_;
};

}  // namespace larder::sumdb
