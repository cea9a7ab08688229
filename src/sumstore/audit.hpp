// SPDX-License-Identifier: Apache-2.0
// All files of one carried database against its signed head, for `larder cache verify`: what is damaged is
// set aside, below larder/damaged, and the next `stock` or `unpack` brings it in again. A `latest` that is
// damaged or gone is made again from the newest signed head in a lookup. The memory of what was seen is never
// dropped: where nothing else tells it, everything stays, and the error says what to do.
//
// Invariant: nothing is moved that does not contradict a head; without the database's key, only what the
// tree contradicts. Thread rule: one call, one thread; it holds the lock of the database's writers while it
// moves. Decision: docs/decisions/0032.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/store.hpp"
#include "sumdb/note.hpp"

namespace larder::sumstore {

struct AuditOptions {
  std::optional<sumdb::VerifierKey> key;  // nullopt: not known
  bool set_aside = true;                  // false: change nothing
};

struct Audit {
  std::uint64_t lookups = 0;  // looked at, good or bad
  std::uint64_t tiles = 0;
  std::uint64_t set_aside = 0;
  bool is_signed = false;          // the signatures were checked
  std::vector<std::string> notes;  // what is no damage, but worth saying
  std::vector<Error> failures;     // Kind::unverified for damage, unavailable for a proof that lacks tiles
};

Audit audit(store::Store& store, const std::string& name, const AuditOptions& options,
            const std::stop_token& stop);

// Was something of it set aside that may still be missing?
Result<bool> was_damaged(store::Store& store, std::string_view name);

}  // namespace larder::sumstore
