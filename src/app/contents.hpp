// SPDX-License-Identifier: Apache-2.0
// What of a store goes into a bundle or a module cache: what given projects need, or everything. Reads the
// store alone. Thread rule: one call, one thread.
#pragma once

#include <vector>

#include "app/plan.hpp"
#include "app/project.hpp"
#include "fetch/settings.hpp"
#include "store/go_modules.hpp"

namespace larder::app {

struct Contents {
  std::vector<Want> wants;      // held; sorted by module
  std::vector<Error> failures;  // what the store lacks, what cannot be read and what does not match
  std::size_t missing = 0;      // so many modules the store lacks; one failure names them
};
Contents contents_for(const store::GoModules& modules, const std::vector<Project>& projects,
                      const fetch::Settings& settings);
// `incomplete` is told of versions of which only some files are there; see GoModules::all.
Contents all_contents(const store::GoModules& modules,
                      const store::GoModules::OnIncomplete& incomplete = nullptr);

}  // namespace larder::app
