// SPDX-License-Identifier: Apache-2.0
#include "app/policy.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.hpp"
#include "gomod/glob.hpp"

namespace larder::app {

namespace {

struct AgeUnit {
  char letter;
  std::int64_t seconds;
};
constexpr std::array k_units = {AgeUnit{'w', 7L * 86400}, AgeUnit{'d', 86400}, AgeUnit{'h', 3600},
                                AgeUnit{'m', 60}};
constexpr std::int64_t k_century = 100L * 366 * 86400;

// In the largest unit that leaves no rest: 604800 -> "1w"
std::string age_text(std::int64_t seconds) {
  for (const auto& [letter, length] : k_units) {
    if (seconds % length == 0) return fmt::format("{}{}", seconds / length, letter);
  }
  return fmt::format("{}s", seconds);
}

// For a reader: the largest unit of which there are at least two.
std::string rough_age(std::int64_t seconds) {
  for (const auto& [letter, length] : k_units) {
    if (seconds >= 2 * length) return fmt::format("{}{}", seconds / length, letter);
  }
  return fmt::format("{}s", seconds);
}

// "PATTERN", or "PATTERN@VERSION" with a pattern for the version too.
std::pair<std::string_view, std::string_view> parts_of(std::string_view pattern) {
  return cut(pattern, "@").value_or(std::pair(pattern, std::string_view("*")));
}

bool matches(std::string_view pattern, const gomod::Module& module) {
  const auto [path, version] = parts_of(pattern);
  return gomod::match_prefix_patterns(path, module.path) &&
         gomod::match_glob(version, module.version).value_or(false);
}

const std::string* matching(const std::vector<std::string>& patterns, const gomod::Module& module) {
  const auto at =
      std::ranges::find_if(patterns, [&](const auto& pattern) { return matches(pattern, module); });
  return at == patterns.end() ? nullptr : &*at;
}

}  // namespace

std::optional<Treatment> parse_treatment(std::string_view word) {
  if (word == "ignore") return Treatment::ignore;
  if (word == "report") return Treatment::report;
  if (word == "refuse") return Treatment::refuse;
  return std::nullopt;
}

std::optional<std::chrono::seconds> parse_age(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto unit = std::ranges::find(k_units, text.back(), &AgeUnit::letter);
  if (unit == k_units.end()) return std::nullopt;
  text.remove_suffix(1);
  const auto count = parse_uint(text, static_cast<std::uint64_t>(k_century / unit->seconds));
  if (!count) return std::nullopt;
  return std::chrono::seconds(static_cast<std::int64_t>(*count) * unit->seconds);
}

bool is_pattern(std::string_view pattern) {
  const auto well_formed = [](std::string_view part) {
    return !part.empty() && part.find(',') == std::string_view::npos &&
           gomod::match_glob(part, part).has_value();
  };
  auto [path, version] = parts_of(pattern);
  while (path.ends_with('/')) path.remove_suffix(1);
  return well_formed(path) && well_formed(version);
}

Error refusal(const Decision& decision) {
  std::string text = fmt::format("{}: refused by {}", decision.module.str(), decision.rule);
  if (!decision.reason.empty()) text += ": " + decision.reason;
  if (!decision.needed_by.empty()) text += fmt::format(" (needed by {})", decision.needed_by);
  return {Kind::forbidden, std::move(text)};
}

std::optional<Decision> judge_name(const Policy& policy, const gomod::Module& module) {
  if (const auto* pattern = matching(policy.deny, module))
    return Decision{module, true, fmt::format("policy.deny {}", quote(*pattern)), "", ""};
  if (!policy.allow || matching(*policy.allow, module) != nullptr) return std::nullopt;
  return Decision{module, true, "policy.allow", "no pattern matches", ""};
}

std::optional<Decision> judge_age(const Policy& policy, const gomod::Module& module,
                                  const std::optional<gomod::Instant>& published, std::int64_t now) {
  if (!policy.minimum_age) return std::nullopt;
  Decision out{module, true, "policy.minimum_age " + age_text(policy.minimum_age->count()), "", ""};
  if (!published) {
    out.reason = "upstream says no time";
    return out;
  }
  // An .info may hold any year; what does not fit is far away from now.
  std::int64_t age = 0;
  const bool fits = !__builtin_sub_overflow(now, published->seconds, &age);
  if (fits && age >= policy.minimum_age->count()) return std::nullopt;
  if (!fits && published->seconds < now) return std::nullopt;
  out.reason = fits && age >= 0 ? rough_age(age) + " old" : "published in the future, " + published->str();
  return out;
}

}  // namespace larder::app
