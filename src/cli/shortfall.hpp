// SPDX-License-Identifier: Apache-2.0
// What a go command found missing or damaged, over all the projects that it opened: said once, at its end.
// Only --from-store and --no-extract add to it. Thread rule: one thread.
#pragma once

#include <set>
#include <string>

#include "base/result.hpp"
#include "gomod/module.hpp"
#include "sys/files.hpp"

namespace larder::cli {

class Session;

struct Shortfall {
  std::set<gomod::Module> wanted;   // a query may stand in place of the version
  std::set<gomod::Module> damaged;  // held in the store, or vouched for by nothing there
  bool is_damaged = false;          // something, in the store or in the module cache
  std::string wants_file = {};      // --wants; empty: the list is shown
  sys::Path store = {};
};

// Shows it, or writes --wants, and gives the status: k_integrity in place of k_failed where that is why.
int tell_shortfall(const Session& session, int status);

// A list file for `larder stock`; says what to do with it, unless it is empty.
Result<void> write_wants(const Session& session, const sys::Path& file,
                         const std::set<gomod::Module>& wanted);

}  // namespace larder::cli
