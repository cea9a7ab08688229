// SPDX-License-Identifier: Apache-2.0
// `larder sumdb add`: lets the site's own checksum database vouch for what a store holds. Every byte is read
// and compared first: a signature is for ever. Thread rule: one call, one thread.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "store/go_modules.hpp"
#include "sumstore/own.hpp"

namespace larder::app {

// wanted: "PATH@VERSION", or "PATH" for all versions that are held; nullopt: everything. Kind::not_found
// where the store has none of it, or not the archive of a version that was named, Kind::unverified for
// damage. Of what else is held for its go.mod alone, that is recorded: go checks the go.mod files of pruned
// graphs.
Result<sumstore::Grown> add_to_own_database(const store::GoModules& modules, const sumstore::SignerKey& key,
                                            const std::optional<std::vector<std::string>>& wanted,
                                            const std::stop_token& stop);

}  // namespace larder::app
