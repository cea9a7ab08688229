// SPDX-License-Identifier: Apache-2.0
// Imports a bundle into a store. Nothing becomes visible before everything was verified: modules are staged
// under "larder/tmp/unpack-<bundle id>-…", each staged zip is read back and its h1 compared, then they are
// moved to their places one after the other (ziphash, mod, zip, info). A crash at any point leaves a correct
// store, and the next run finishes the work. A second run changes nothing.
//
// What the store holds of these versions is read and checked (store/truth.hpp): what is damaged is replaced
// by what the bundle brings; what is sound but has another h1, or a .mod with other bytes, is a conflict:
// nothing is imported and all conflicts are named (Kind::unverified). Thread rule: one call may run many
// threads. Format: docs/formats/bundle.md.
#pragma once

#include <cstdint>
#include <stop_token>

#include "base/result.hpp"
#include "bundle/progress.hpp"
#include "bundle/reader.hpp"
#include "modzip/archive.hpp"
#include "store/go_modules.hpp"

namespace larder::bundle {

struct UnpackOptions {
  // Of zips made anew; docs/decisions/0010 says why they are stored. Verbatim zips stay as they are.
  modzip::Method zip_method = modzip::Method::stored;
  unsigned threads = 0;  // 0: as many as are worth it, at most 4
  OnProgress progress;
};

struct UnpackReport {
  std::uint64_t imported = 0;      // modules now held whole that were not
  std::uint64_t requirements = 0;  // .mod files now held that were not
  std::uint64_t held = 0;          // entries that were held already, and sound
  std::uint64_t repaired = 0;      // entries that were held, but damaged, and were replaced
  std::uint64_t files = 0;         // in imported modules
  std::uint64_t zip_bytes = 0;     // of imported modules, as stored
  std::uint64_t passed_over = 0;   // records of kinds this program does not know
};

// `bundle` must have been opened with keys: one opened for looking only is refused.
Result<UnpackReport> unpack(const Bundle& bundle, const store::GoModules& into, const UnpackOptions& options,
                            const std::stop_token& stop = {});

}  // namespace larder::bundle
