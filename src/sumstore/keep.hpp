// SPDX-License-Identifier: Apache-2.0
// Puts proven records into a store, with all that an unmodified go needs to prove them again under one signed
// head: theirs and those of every record that is there already, and that the head begins with each older one.
//
// Invariants: the head never moves to one that does not begin with the one before. Objects are written in the
// order tiles, head, lookups, "supported", and tiles of older heads stay: whatever a reader sees at any
// moment, its proof is there. Thread rule: any thread; writers of one database exclude each other.
// Spec: go-modules.md 6.5; docs/formats/store.md.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "gomod/module.hpp"
#include "store/store.hpp"
#include "sumdb/client.hpp"

namespace larder::sumstore {

// A lookup as it lies there, unproven.
struct Shelved {
  gomod::Module module;
  std::uint64_t id = 0;
  std::string record;
  std::uint64_t tree_size = 0;  // of the head in it
};
// In module order; files that are no lookups, or damaged, are left out.
Result<std::vector<Shelved>> shelved(store::Store& store, std::string_view name);

// Sizes of the heads that clients may have seen here, each once, ascending.
std::vector<std::uint64_t> head_sizes(std::span<const Shelved> lookups);

struct Kept {
  sumdb::TreeHead head;
  std::uint64_t tiles = 0;  // written
};
// The records were proven by this client. tiles: what else is to be kept, where it is of the client's tree:
// what joins an older head that may come in later. Errors: as Client, such as a fork between the store's head
// and the client's; nothing is written then. A store that cannot be written is an error only where something
// is to be.
Result<Kept> keep(store::Store& store, const std::string& name, sumdb::Client& client,
                  const std::map<gomod::Module, sumdb::Proven>& records, const std::stop_token& stop,
                  std::span<const sumdb::Tile> tiles = {});

}  // namespace larder::sumstore
