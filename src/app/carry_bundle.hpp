// SPDX-License-Identifier: Apache-2.0
// Checksum databases in bundles: what `pack` takes out of a store, and what `unpack` proves and puts into
// one.
//
// Invariants: what is packed was proven with the database's key, and what is imported is proven again; the
// store's head never moves to one that does not begin with it. Thread rule: one call, one thread.
// Format: docs/formats/bundle.md, "Checksum databases". Spec: go-modules.md 6.5.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "app/plan.hpp"
#include "bundle/reader.hpp"
#include "fetch/settings.hpp"
#include "store/store.hpp"

namespace larder::app {

struct CarriedPart {
  std::string name;           // of the database
  std::uint64_t records = 0;  // proven
  std::uint64_t tree_size = 0;
  std::string left_out;  // not empty: why nothing of it was taken
};

struct PackedDatabases {
  std::vector<std::string> members;  // contents, for bundle::PackOptions
  std::vector<CarriedPart> parts;
};
// The records of these modules, of each database that the store carries. Kind::unverified where one cannot be
// proven, or says otherwise than the store of what it holds.
Result<PackedDatabases> pack_databases(store::Store& store, const std::vector<Want>& wants,
                                       const fetch::Settings& settings, const std::stop_token& stop);

// The same into the module cache's own memory of databases (below `cache`), so that go proves them without
// asking anybody.
Result<std::vector<CarriedPart>> restore_databases(store::Store& store, const std::vector<Want>& wants,
                                                   const fetch::Settings& settings,
                                                   const std::filesystem::path& cache,
                                                   const std::stop_token& stop);

class DatabaseImport {
 public:
  DatabaseImport();
  ~DatabaseImport();
  DatabaseImport(DatabaseImport&&) noexcept;
  DatabaseImport& operator=(DatabaseImport&&) = delete;

  // Proves each record under its head, that the store's head and that one lie on one line, and that no record
  // contradicts a module of the bundle. Kind::unverified otherwise; a fork is told with both heads. A
  // database whose key is not known, or whose line to the store's head cannot be drawn, is left out.
  static Result<DatabaseImport> prove(const bundle::Bundle& bundle, store::Store& into,
                                      const fetch::Settings& settings, const std::stop_token& stop);

  const std::vector<CarriedPart>& parts() const { return parts_; }
  // Into the store that prove() was called with.
  Result<void> keep(const std::stop_token& stop);

 private:
  struct One;
  std::vector<CarriedPart> parts_;
  std::vector<std::unique_ptr<One>> proven_;
};

}  // namespace larder::app
