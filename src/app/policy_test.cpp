// SPDX-License-Identifier: Apache-2.0
#include "app/policy.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace larder::app {
namespace {

const gomod::Module k_m{"example.com/team/m", "v1.0.0"};
constexpr std::int64_t k_now = 1'700'000'000;

std::string message(const std::optional<Decision>& decision) {
  return decision ? refusal(*decision).message() : "";
}

TEST(Policy, names) {
  struct Case {
    std::string name;
    std::vector<std::string> allow;
    std::vector<std::string> deny;
    std::string want;
  };
  const std::vector<Case> cases = {
      {"nothing said", {}, {}, ""},
      {"an empty list", {}, {}, "example.com/team/m@v1.0.0: refused by policy.allow: no pattern matches"},
      {"allowed", {"example.com/team"}, {}, ""},
      {"allowed by the second", {"other.test", "*.com/*/m"}, {}, ""},
      {"not allowed",
       {"example.com/teams", "example.com/team/m/x"},
       {},
       "example.com/team/m@v1.0.0: refused by policy.allow: no pattern matches"},
      {"denied",
       {},
       {"example.com/team"},
       "example.com/team/m@v1.0.0: refused by policy.deny \"example.com/team\""},
      {"deny is stronger",
       {"example.com"},
       {"x.test", "*/team/m"},
       "example.com/team/m@v1.0.0: refused by policy.deny \"*/team/m\""},
      {"denied version",
       {},
       {"example.com/*@v1.0.*"},
       "example.com/team/m@v1.0.0: refused by policy.deny \"example.com/*@v1.0.*\""},
      {"denied other version", {}, {"example.com/team/m@v1.0.1"}, ""},
      {"denied elsewhere", {}, {"example.com/team/other"}, ""},
  };
  for (const auto& [name, allow, deny, want] : cases) {
    Policy policy;
    if (!allow.empty() || name == "an empty list") policy.allow = allow;
    policy.deny = deny;
    EXPECT_EQ(message(judge_name(policy, k_m)), want) << name;
  }
}

TEST(Policy, ages) {
  Policy policy;
  EXPECT_FALSE(judge_age(policy, k_m, std::nullopt, k_now));
  policy.minimum_age = std::chrono::hours(24 * 7);
  const auto at = [](std::int64_t seconds) { return std::optional(gomod::Instant{.seconds = seconds}); };
  const std::string refused = "example.com/team/m@v1.0.0: refused by policy.minimum_age 1w: ";
  EXPECT_EQ(message(judge_age(policy, k_m, at(k_now - 7 * 86400), k_now)), "");
  EXPECT_EQ(message(judge_age(policy, k_m, at(k_now - 7 * 86400 + 1), k_now)), refused + "6d old");
  EXPECT_EQ(message(judge_age(policy, k_m, at(k_now - 90), k_now)), refused + "90s old");
  EXPECT_EQ(message(judge_age(policy, k_m, at(k_now + 60), k_now)),
            refused + "published in the future, 2023-11-14T22:14:20Z");
  EXPECT_EQ(message(judge_age(policy, k_m, std::nullopt, k_now)), refused + "upstream says no time");
  EXPECT_FALSE(judge_age(policy, k_m, at(std::numeric_limits<std::int64_t>::min()), k_now));
}

TEST(Policy, words_of_the_file) {
  EXPECT_EQ(parse_age("36h"), std::chrono::hours(36));
  EXPECT_EQ(parse_age("7d"), std::chrono::hours(24 * 7));
  EXPECT_EQ(parse_age("2w"), std::chrono::hours(24 * 14));
  EXPECT_EQ(parse_age("0d"), std::chrono::hours(0));
  for (const auto* text : {"", "d", "7", "7y", "-1d", "1.5d", "7 d", "99999999999999999999d", "40000d"})
    EXPECT_FALSE(parse_age(text)) << text;
  for (const auto* good : {"example.com", "*.com/[a-z]*", "example.com/"})
    EXPECT_TRUE(is_pattern(good)) << good;
  for (const auto* bad : {"", "/", "[a", "a,b", "x\\", "a@", "@v1", "a@[v"})
    EXPECT_FALSE(is_pattern(bad)) << bad;
  EXPECT_EQ(parse_treatment("refuse"), Treatment::refuse);
  EXPECT_FALSE(parse_treatment("yes"));
}

TEST(Policy, who_needs_it) {
  EXPECT_EQ(
      refusal({k_m, true, "policy.retracted", "broken", "example.com/a@v1.0.0"}).message(),
      "example.com/team/m@v1.0.0: refused by policy.retracted: broken (needed by example.com/a@v1.0.0)");
}

}  // namespace
}  // namespace larder::app
