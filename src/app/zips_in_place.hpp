// SPDX-License-Identifier: Apache-2.0
// The zips of dependencies, read where they lie instead of extracted trees: in the module cache, fetched into
// it as need be; or, where nobody may be asked, in the module cache or a store, and nothing is written.
//
// A zip is read whole and compared with its h1 before anything of it is believed. That is remembered by the
// file's stamp, so the next command need not.
// Thread rule: any thread. Spec: go-modules.md 2.3, go-resolution.md 6.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <stop_token>
#include <string>

#include "app/cached_modules.hpp"
#include "app/held_modules.hpp"
#include "app/module_zip.hpp"
#include "index/shelf.hpp"
#include "index/zip_memo.hpp"

namespace larder::app {

class ZipsInPlace {
 public:
  struct Options {
    const HeldModules* held = nullptr;  // nullptr: what the module cache lacks is fetched into it
    const index::Shelf* shelf = nullptr;
    std::string store_name = {};  // of the store that `held` looks into
    std::stop_token stop = {};
    std::int64_t now_ns = index::clock_ns();  // when the command began
  };
  struct Found {
    ModuleZipPtr zip;
    gomod::H1 h1;
  };

  // The modules must outlive it.
  ZipsInPlace(CachedModules& modules, Options options);

  // Errors: as of CachedModules::zip. Kind::unverified where a zip is not what it was.
  Result<Found> find(const gomod::Module& module);
  // Writes what was learned of the zips.
  void save();

 private:
  // One for each place, since both may have the same module.
  struct Memory {
    std::string name;  // on the shelf
    sys::Sync<index::HashedZips> zips;
    sys::Sync<std::set<gomod::Module>> asked;
    bool is_new = false;  // under the lock of zips
  };

  Result<Found> find_sound(const gomod::Module& module);
  Result<Found> in_cache(const gomod::Module& module, const modcache::Installed& installed);
  Result<Found> in_store(const gomod::Module& module);
  Result<ZipBytes> open_cached(const gomod::Module& module, const sys::Path& file, const gomod::H1& h1);
  Result<ZipBytes> open_held(const gomod::Module& module, const gomod::H1& h1);
  Found found(const gomod::Module& module, const gomod::H1& h1, std::string root, ModuleZip::Open open) const;
  void recall(Memory& memory, const std::string& place) const;
  static bool knows(Memory& memory, const gomod::Module& module, const index::HashedZip& zip);
  static void learn(Memory& memory, const gomod::Module& module, const index::HashedZip& zip);
  // The hash of all of it, where this stamp is not known to have it.
  Result<void> check(Memory& memory, const gomod::Module& module, Bytes bytes, const index::HashedZip& zip);

  CachedModules& modules_;
  Options options_;
  Memory cached_;
  Memory held_;
};

}  // namespace larder::app
