// SPDX-License-Identifier: Apache-2.0
// Everything that a store remembers of a database, against the head that a client has seen: not its `latest`
// alone, which may be gone, or another's. Each signed head in a lookup has to lie on the client's line, and
// no tile may tell of another history.
//
// Invariant: changes nothing. What is merely damaged, or lacks the tiles that would tell, is passed over.
// Thread rule: one call, one thread. Spec: go-modules.md 6.5. Decision: docs/decisions/0032.
#pragma once

#include <stop_token>
#include <string>

#include "base/result.hpp"
#include "store/store.hpp"
#include "sumdb/client.hpp"

namespace larder::sumstore {

// Kind::unverified, with both heads, where something that is held is of another history. A head in a lookup
// that provably continues the client's is the client's newest from then on. Other errors: as Client::see.
Result<void> compare_with_memory(store::Store& store, const std::string& name, sumdb::Client& client,
                                 const std::stop_token& stop);

}  // namespace larder::sumstore
