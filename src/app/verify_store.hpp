// SPDX-License-Identifier: Apache-2.0
// `larder cache verify`: every archive of the store against its recorded hash, every .mod and .info for form.
// Thread rule: one call, one thread (works on several).
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "app/progress.hpp"
#include "base/result.hpp"
#include "store/go_modules.hpp"

namespace larder::app {

struct VerifyStoreReport {
  std::uint64_t modules = 0;
  std::uint64_t requirements = 0;
  std::uint64_t bytes = 0;           // of archives read
  std::vector<std::string> foreign;  // keys that are no modules
  std::vector<Error> failures;       // in module order; Kind::unverified for what does not match
};

Result<VerifyStoreReport> verify_store(const store::GoModules& modules, unsigned threads, Progress& progress,
                                       std::stop_token stop);

}  // namespace larder::app
