// SPDX-License-Identifier: Apache-2.0
// A member of role "sumdb": what a bundle carries of one checksum database. Records, one signed head, and the
// tiles that prove them under it. Here is its form only: nothing is believed, see sumdb::Client.
//
// Invariants: what parse_sumdb() returns has a proper name, records that name a module each, and hash tiles
// of height 8 with the right number of bytes, each once. Pure. Thread rule: values. Format:
// docs/formats/bundle.md, "Checksum databases".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "gomod/module.hpp"
#include "sumdb/tile.hpp"

namespace larder::bundle {

inline constexpr std::string_view k_sumdb_role = "sumdb";
inline constexpr std::uint64_t k_max_sumdb = 256U << 20U;  // bytes of a member

struct SumDbRecord {
  gomod::Module module;
  std::uint64_t id = 0;
  std::string text;
};

struct SumDbTile {
  sumdb::Tile tile;
  std::string bytes;
};

struct SumDbPart {
  std::string name;
  std::string note;                  // the signed head
  std::vector<SumDbRecord> records;  // sorted by module
  std::vector<SumDbTile> tiles;      // sorted by level, number, width
};

// Sorts; for what parse_sumdb() accepts, its inverse.
std::string print_sumdb(SumDbPart part);
// Kind::invalid: "checksum database: …".
Result<SumDbPart> parse_sumdb(std::string_view bytes);

}  // namespace larder::bundle
