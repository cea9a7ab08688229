// SPDX-License-Identifier: Apache-2.0
// Where a store keeps checksum databases: "go/sumdb/NAME/{supported,latest,lookup/…,tile/…}", the URLs below
// a GOPROXY, so that the folder and any web server over it are mirrors of the database
// (docs/formats/store.md).
//
// Invariant: what parse_request() lets through is a clean store key of one of these objects. Thread rule:
// pure functions; databases() as Store. Spec: go-modules.md 6.4, 6.6.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "gomod/module.hpp"
#include "store/store.hpp"
#include "sumdb/record.hpp"
#include "sumdb/tile.hpp"

namespace larder::sumstore {

inline constexpr std::uint64_t k_max_object = 4U << 20U;  // bytes of a lookup, a tile, a signed head
inline constexpr unsigned k_tile_height = 8;              // of every database that go asks

using sumdb::lookup_file;

// host[/path], as a verifier key and a URL have it: not empty, no odd characters, no "." or "..".
bool valid_name(std::string_view name);

std::string prefix_of(std::string_view name);                     // "go/sumdb/NAME"
std::optional<gomod::Module> module_of(std::string_view lookup);  // of such a name; nullopt: not canonical
std::string lookup_text(std::uint64_t id, std::string_view record, std::string_view note);

enum class Object { supported, latest, lookup, tile };
struct Request {
  Object object = Object::supported;
  std::string name;  // of the database
  std::string key;   // in the store
};
// "NAME/supported", "NAME/lookup/…"; nullopt for everything that no database has.
std::optional<Request> parse_request(std::string_view path);

// Names of those that the store has something of, sorted.
Result<std::vector<std::string>> databases(store::Store& store);

// What lies in the folder of one database, by name alone.
struct Shelf {
  bool has_latest = false;
  bool has_supported = false;
  std::vector<std::string> lookups;  // "lookup/…" with canonical names, sorted
  std::vector<sumdb::Tile> tiles;    // of the height that go uses, sorted by level, number, width
  std::vector<std::string> foreign;  // what is neither; locks and unfinished files are passed over
  bool empty() const { return !has_latest && lookups.empty() && tiles.empty(); }
};
Result<Shelf> shelf_of(store::Store& store, std::string_view name);

}  // namespace larder::sumstore
