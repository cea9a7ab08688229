// SPDX-License-Identifier: Apache-2.0
// What became of the checksum databases of a bundle, as pack, unpack and bundle verify tell it.
#pragma once

#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "app/carry_bundle.hpp"
#include "cli/session.hpp"

namespace larder::cli {

// verb: "packed", "proven", "unpacked".
void note_databases(const Session& session, const std::vector<app::CarriedPart>& parts,
                    std::string_view verb);
nlohmann::ordered_json databases_json(const std::vector<app::CarriedPart>& parts);

}  // namespace larder::cli
