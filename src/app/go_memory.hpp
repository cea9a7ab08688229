// SPDX-License-Identifier: Apache-2.0
// What go remembers of a checksum database (GOPATH/pkg/sumdb/NAME/latest) beside the head that a store
// carries. go proves that the one goes on from the other, with tiles of the larger tree; a store has those
// that lead from heads it has seen itself, no others. Nothing is written and no socket opened. Thread rule:
// one call, one thread. Spec: go-modules.md 6.5, 6.7.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "fetch/settings.hpp"
#include "fetch/sumdb_ports.hpp"
#include "store/store.hpp"

namespace larder::app {

struct MemoryGap {
  std::string name;              // of the database
  std::uint64_t remembered = 0;  // records of the tree that go has seen
  std::uint64_t carried = 0;     // and of the one that the store has
  std::filesystem::path file;    // where go remembers
};

// Databases of the store of which go remembers a tree that cannot be brought on one line with the store's,
// from the store and the module cache alone: it stops there where go.sum lacks a line. Kind::unverified, with
// both heads, where the two are of different histories. What is not remembered, or damaged, is no gap.
Result<std::vector<MemoryGap>> memory_gaps(store::Store& store, const fetch::Settings& settings,
                                           const fetch::DatabasePaths& go, const std::stop_token& stop);

}  // namespace larder::app
