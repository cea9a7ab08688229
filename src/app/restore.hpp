// SPDX-License-Identifier: Apache-2.0
// `larder restore`: store -> module cache, archives and extracted trees in one pass, under the go command's
// locks. A `go build` afterwards downloads and extracts nothing. Each zip is hashed on the way, .mod and
// .info are checked (store/truth.hpp), and all of it against the databases that are carried: what is damaged
// never gets there. Thread rule: one call, one thread (works on several).
#pragma once

#include <stop_token>
#include <vector>

#include "app/carried_truth.hpp"
#include "app/plan.hpp"
#include "app/progress.hpp"
#include "modcache/cache.hpp"
#include "store/go_modules.hpp"

namespace larder::app {

struct RestoreReport {
  std::uint64_t restored = 0;      // modules whose archive or tree is new
  std::uint64_t present = 0;       // modules that were complete already
  std::uint64_t requirements = 0;  // .mod files only
  std::uint64_t bytes = 0;         // of archives restored
  std::vector<Error> failures;     // in module order
};

struct RestoreOptions {
  bool extract = true;
  unsigned threads = 0;                     // 0: one a processor
  const CarriedTruth* databases = nullptr;  // none: they are not asked
};

RestoreReport restore(const store::GoModules& modules, const modcache::Cache& cache,
                      const std::vector<Want>& wants, const RestoreOptions& options, Progress& progress,
                      std::stop_token stop);

}  // namespace larder::app
