// SPDX-License-Identifier: Apache-2.0
// What `stock` may bring in: the [policy] section of larder.toml. Names, ages and the word of a module's
// author are judged before a byte of the module is stored; nothing of it replaces the hashes.
// Thread rule: pure functions. Patterns: go-modules.md 5.5.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "gomod/module.hpp"
#include "gomod/rfc3339.hpp"

namespace larder::app {

// What becomes of a version that its author retracted, or of a module that is deprecated.
enum class Treatment { ignore, report, refuse };
std::optional<Treatment> parse_treatment(std::string_view word);

struct Policy {
  // Patterns as in GOPRIVATE, or PATTERN@VERSION. None given: everything; an empty list: nothing.
  std::optional<std::vector<std::string>> allow;
  std::vector<std::string> deny;  // stronger than allow
  std::optional<std::chrono::seconds> minimum_age;
  Treatment retracted = Treatment::ignore;
  Treatment deprecated = Treatment::ignore;

  bool asks_the_author() const { return retracted != Treatment::ignore || deprecated != Treatment::ignore; }
  bool empty() const { return !allow && deny.empty() && !minimum_age && !asks_the_author(); }
  // Can a version be refused whose go.mod the graph needs before it is judged?
  bool refuses_late() const {
    return minimum_age || retracted == Treatment::refuse || deprecated == Treatment::refuse;
  }
};

// "36h", "7d", "2w". nullopt: something else, or more than a century.
std::optional<std::chrono::seconds> parse_age(std::string_view text);
// A pattern that the matcher would pass over in silence protects nobody.
bool is_pattern(std::string_view pattern);

// What the policy has against a version, or says of it.
struct Decision {
  gomod::Module module;
  bool refused = false;  // else it came in, and this is worth knowing
  std::string rule;      // `policy.deny "example.com/*"`, "policy.minimum_age 7d", "policy.retracted"
  std::string reason;    // "3h old", "retracted by its author: broken"
  std::string needed_by;
};

// The message of a refusal: `M@V: refused by RULE: REASON (needed by X)`.
Error refusal(const Decision& decision);

// deny, then allow. nullopt: nothing against the name.
std::optional<Decision> judge_name(const Policy& policy, const gomod::Module& module);
// published: the .info's Time, where it has one. A version without a time is refused, as is one from the
// future.
std::optional<Decision> judge_age(const Policy& policy, const gomod::Module& module,
                                  const std::optional<gomod::Instant>& published, std::int64_t now);

}  // namespace larder::app
