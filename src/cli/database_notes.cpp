// SPDX-License-Identifier: Apache-2.0
#include "cli/database_notes.hpp"

#include <fmt/format.h>

namespace larder::cli {

void note_databases(const Session& session, const std::vector<app::CarriedPart>& parts,
                    std::string_view verb) {
  for (const auto& part : parts) {
    session.note(part.left_out.empty()
                     ? fmt::format("{}: {} records {} under the head of {}", part.name, part.records, verb,
                                   part.tree_size)
                     : fmt::format("warning: {} was left out: {}", part.name, part.left_out));
  }
}

nlohmann::ordered_json databases_json(const std::vector<app::CarriedPart>& parts) {
  auto out = nlohmann::ordered_json::array();
  for (const auto& part : parts) {
    out.push_back({{"name", part.name},
                   {"records", part.records},
                   {"treeSize", part.tree_size},
                   {"leftOut", part.left_out}});
  }
  return out;
}

}  // namespace larder::cli
