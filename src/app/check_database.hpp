// SPDX-License-Identifier: Apache-2.0
// The part of `larder check` that is about the checksum database: does the store carry the proof of each
// module that go would ask it for? Opens no socket. Thread rule: one call, one thread.
// Spec: go-modules.md 6.5, 6.8.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "app/check.hpp"
#include "app/project.hpp"
#include "fetch/settings.hpp"
#include "store/go_modules.hpp"

namespace larder::app {

struct DatabaseCheck {
  std::string name;           // empty: GOSUMDB=off, or it makes no sense
  bool is_carried = false;    // the store has a head of it
  std::uint64_t proven = 0;   // records found in the log, with the hashes that are held
  std::vector<Want> without;  // held, but the database has no record of it here
  // Of those: so many are not in go.sum either, so that nothing vouches for them where there is no network.
  std::uint64_t unvouched = 0;
  std::vector<Error> errors;  // records that cannot be proven, or contradict what is held
  bool passes() const { return errors.empty() && unvouched == 0; }
};

// Of what `report` found in the store.
DatabaseCheck check_database(const store::GoModules& modules, const Project& project,
                             const CheckReport& report, const fetch::Settings& settings,
                             const std::stop_token& stop);

}  // namespace larder::app
