// SPDX-License-Identifier: Apache-2.0
// The records of a site's own log, as its data tiles tell them and, where one is missing, its lookups. A
// writer that is cut off behind its head leaves records without lookups, and they are signed all the same.
// Invariant: only texts that have the hash of their leaf. Thread rule: one call, one thread. Spec:
// go-modules.md 6.4.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "store/store.hpp"

namespace larder::sumstore {

// By the number of the leaf. Those that nothing tells are left out.
Result<std::map<std::uint64_t, std::string>> own_records(store::Store& store, std::string_view name,
                                                         std::span<const Digest> leaves);

}  // namespace larder::sumstore
