// SPDX-License-Identifier: Apache-2.0
// `-reuse=old.json` of mod download and list -m: what an earlier run printed. An entry whose origin version
// control confirms is printed again, and nothing is fetched for it. Proxies cannot confirm anything.
//
// The file comes from anywhere: it is read with go's types, and what it says is used only where the origin
// holds. Thread rule: read-only after parse. Spec: go-modules.md 10.
#pragma once

#include <list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "app/module_facts.hpp"
#include "base/result.hpp"

namespace larder::app {

class Reuse {
 public:
  // `text` is a stream of JSON objects that describe modules. Kind::invalid, "parsing FILE: …".
  static Result<Reuse> parse(const std::string& file, std::string_view text);

  // What was printed for a version or a query of this module; nullptr where nothing was, or without an
  // origin. Of several entries the last.
  const ModuleFacts* find(const std::string& path, const std::string& query) const;

 private:
  std::list<ModuleFacts> entries_;  // its items stay where they are
  std::map<std::pair<std::string, std::string>, const ModuleFacts*> by_query_;
};

// Does an origin say enough for this query: what a version is needs less than what `latest` or a branch is?
bool can_answer(const fetch::Origin& origin, std::string_view query);

// All that both say; nullopt where they contradict each other, or one says nothing.
std::optional<fetch::Origin> merge_origins(const std::optional<fetch::Origin>& a,
                                           const std::optional<fetch::Origin>& b);

}  // namespace larder::app
