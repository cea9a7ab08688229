// SPDX-License-Identifier: Apache-2.0
// The go.mod files of the module cache that were read before, so that they need not be opened again: a file
// with the same stamp has the same hash and the same content. Its hash is compared with go.sum all the same.
// Thread rule: any thread. See index/mod_memo.hpp; spec: go-resolution.md 3.2.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "app/cached_modules.hpp"
#include "index/mod_memo.hpp"
#include "index/shelf.hpp"
#include "resolve/summary.hpp"

namespace larder::app {

class ModMemory {
 public:
  // name: of the file on the shelf. now_ns: when the command began. Shelf and modules must outlive it.
  ModMemory(const index::Shelf& shelf, std::string name, CachedModules& modules,
            std::int64_t now_ns = index::clock_ns());

  // A null pointer: it has to be read. Errors: as of CachedModules::mod.
  Result<resolve::SummaryPtr> recall(const gomod::Module& module, const std::stop_token& stop) const;
  // text: as it was just read from the module cache.
  void remember(const gomod::Module& module, std::string_view text, const resolve::SummaryPtr& summary);
  // Writes what is new; without anything new it does nothing.
  void save();

 private:
  std::optional<index::Stamp> stamp(const gomod::Module& module) const;

  const index::Shelf& shelf_;
  std::string name_;
  CachedModules& modules_;
  std::int64_t opened_;  // ns
  index::ModMemo known_;
  sys::Sync<index::RememberedMods> learned_;
};

}  // namespace larder::app
