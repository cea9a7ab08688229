// SPDX-License-Identifier: Apache-2.0
// `larder check`: does the store hold everything a project needs? Opens no socket; names all that is missing
// at once. Thread rule: one call, one thread.
#pragma once

#include <stop_token>
#include <vector>

#include "app/plan.hpp"
#include "app/project.hpp"
#include "fetch/settings.hpp"
#include "store/go_modules.hpp"

namespace larder::app {

struct CheckReport {
  std::vector<Want> wants;              // all that is needed
  std::vector<Want> missing;            // sorted by module
  std::vector<Want> held;               // of wants: what is here and does not contradict go.sum
  std::vector<Error> errors;            // unreadable or mismatching content
  std::vector<gomod::Module> unsummed;  // as Plan::unsummed: go.sum lacks a line
  bool complete() const { return missing.empty() && errors.empty(); }
};

struct CheckOptions {
  bool verify = false;  // read every byte of what is held (store/truth.hpp)
  unsigned threads = 1;
  std::stop_token stop;
};

// Held content is compared with go.sum by its recorded hash (.ziphash) and the hash of .mod; small files are
// read, zips only with `verify`.
Result<CheckReport> check(const store::GoModules& modules, const Project& project,
                          const fetch::Settings& settings, const CheckOptions& options = {});

}  // namespace larder::app
