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

// Kind::not_found, naming all of it, where the store lacks something that a project needs.
Result<std::vector<Want>> contents_for(const store::GoModules& modules, const std::vector<Project>& projects,
                                       const fetch::Settings& settings);
Result<std::vector<Want>> all_contents(const store::GoModules& modules);

}  // namespace larder::app
