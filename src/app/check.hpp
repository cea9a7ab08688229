// SPDX-License-Identifier: Apache-2.0
// `larder check`: does the store hold everything a project needs? Opens no socket; names all that is missing
// at once. Thread rule: one call, one thread.
#pragma once

#include <vector>

#include "app/plan.hpp"
#include "app/project.hpp"
#include "fetch/settings.hpp"
#include "store/go_modules.hpp"

namespace larder::app {

struct CheckReport {
  std::vector<Want> wants;    // all that is needed
  std::vector<Want> missing;  // sorted by module
  std::vector<Error> errors;  // unreadable or mismatching content
  bool complete() const { return missing.empty() && errors.empty(); }
};

// Held content is compared with go.sum by its recorded hash (.ziphash) and the hash of .mod.
Result<CheckReport> check(const store::GoModules& modules, const Project& project,
                          const fetch::Settings& settings);

}  // namespace larder::app
