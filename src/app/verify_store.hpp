// SPDX-License-Identifier: Apache-2.0
// `larder cache verify`: everything that the store holds against its hashes (store/truth.hpp) and against the
// records of the carried checksum databases, these against their signed heads (sumstore/audit.hpp). What is
// damaged is set aside: it is not held any more, so that `check` names it as missing and the next `stock` or
// `unpack` brings it in again. Thread rule: one call, one thread (works on several).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/carried_truth.hpp"
#include "app/progress.hpp"
#include "base/result.hpp"
#include "store/go_modules.hpp"
#include "sumdb/note.hpp"

namespace larder::app {

struct VerifyStoreOptions {
  unsigned threads = 0;   // 0: one a processor
  bool set_aside = true;  // false: change nothing
  // Of the checksum database of this name; nullopt where it is not known.
  std::function<std::optional<sumdb::VerifierKey>(const std::string& name)> database_key;
  const CarriedTruth* databases = nullptr;  // what is held is compared with their records
};

struct VerifiedDatabase {
  std::string name;
  std::uint64_t lookups = 0;
  std::uint64_t tiles = 0;
  bool is_signed = false;  // the signatures were checked too
};

struct VerifyStoreReport {
  std::uint64_t modules = 0;
  std::uint64_t requirements = 0;
  std::uint64_t bytes = 0;                    // of archives read
  std::uint64_t set_aside = 0;                // of the damaged ones
  std::vector<std::string> foreign;           // keys that are no modules
  std::vector<store::Incomplete> incomplete;  // some files of a version
  std::vector<VerifiedDatabase> databases;
  std::vector<std::string> notes;  // of the databases: what is no damage, but worth saying
  std::vector<Error> failures;  // in module order, then databases; Kind::unverified for what does not match
};

Result<VerifyStoreReport> verify_store(const store::GoModules& modules, const VerifyStoreOptions& options,
                                       Progress& progress, std::stop_token stop);

}  // namespace larder::app
