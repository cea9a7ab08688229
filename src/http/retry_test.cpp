// SPDX-License-Identifier: Apache-2.0
#include "http/retry.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace larder::http {
namespace {

constexpr std::uint32_t k_low = 0;
constexpr std::uint32_t k_high = UINT32_MAX;
using Pause = std::optional<Millis>;

Attempt failed(Outcome outcome, unsigned failures) {
  Attempt attempt;
  attempt.outcome = outcome;
  attempt.failures = failures;
  return attempt;
}

TEST(NextPause, which_outcomes_are_tried_again) {
  const RetryPolicy policy;
  EXPECT_TRUE(next_pause(policy, failed(Outcome::busy, 1), k_low));
  EXPECT_TRUE(next_pause(policy, failed(Outcome::cut, 1), k_low));
  EXPECT_FALSE(next_pause(policy, failed(Outcome::answered, 1), k_low));
  EXPECT_FALSE(next_pause(policy, failed(Outcome::silent, 1), k_low));
  EXPECT_FALSE(next_pause(policy, failed(Outcome::hopeless, 1), k_low));
}

TEST(NextPause, doubles_up_to_the_cap) {
  RetryPolicy policy;
  policy.attempts = 100;
  struct Row {
    unsigned failures;
    int low;
    int high;
  };
  for (const Row row :
       {Row{1, 125, 250}, Row{2, 250, 500}, Row{3, 500, 1000}, Row{6, 4000, 8000}, Row{99, 4000, 8000}}) {
    EXPECT_EQ(next_pause(policy, failed(Outcome::cut, row.failures), k_low), Pause(Millis(row.low)));
    EXPECT_EQ(next_pause(policy, failed(Outcome::cut, row.failures), k_high), Pause(Millis(row.high)));
  }
}

TEST(NextPause, obeys_retry_after_within_reason) {
  const RetryPolicy policy;
  Attempt attempt = failed(Outcome::busy, 1);
  attempt.retry_after = Millis(30'000);
  EXPECT_EQ(next_pause(policy, attempt, k_high), Pause(Millis(30'000)));
  attempt.retry_after = Millis(0);
  EXPECT_EQ(next_pause(policy, attempt, k_high), Pause(Millis(250)));
  attempt.retry_after = Millis(120'001);
  EXPECT_EQ(next_pause(policy, attempt, k_high), Pause());
}

TEST(NextPause, progress_is_not_a_failure_but_bounded) {
  const RetryPolicy policy;
  Attempt attempt = failed(Outcome::cut, 99);
  attempt.progress = true;
  attempt.resumes = 15;
  EXPECT_EQ(next_pause(policy, attempt, k_high), Pause(Millis(250)));
  attempt.resumes = 16;
  EXPECT_EQ(next_pause(policy, attempt, k_high), Pause());
}

TEST(NextPause, attempts_are_counted_with_the_first) {
  RetryPolicy policy;
  policy.attempts = 1;
  EXPECT_FALSE(next_pause(policy, failed(Outcome::busy, 1), k_low));
  policy.attempts = 2;
  EXPECT_TRUE(next_pause(policy, failed(Outcome::busy, 1), k_low));
  EXPECT_FALSE(next_pause(policy, failed(Outcome::busy, 2), k_low));
}

TEST(NextPause, never_leaves_its_bounds) {
  EXPECT_TRUE(rc::check("pause within [0, cap]", [](unsigned failures, std::uint32_t chance) {
    RetryPolicy policy;
    policy.attempts = UINT32_MAX;
    const auto pause = next_pause(policy, failed(Outcome::cut, failures % UINT32_MAX), chance);
    RC_ASSERT(pause.has_value());
    RC_ASSERT(*pause >= Millis(125));
    RC_ASSERT(*pause <= policy.cap);
  }));
}

TEST(RetryAfter, table) {
  struct Row {
    const char* text;
    std::optional<std::int64_t> seconds;
  };
  constexpr std::int64_t k_now = 784'111'777 - 10;  // ten seconds before the example of RFC 9110
  for (const Row& row : {Row{"120", 120}, Row{" 0 ", 0}, Row{"Sun, 06 Nov 1994 08:49:37 GMT", 10},
                         Row{"Sun, 06 Nov 1994 08:49:00 GMT", 0}, Row{"", {}}, Row{"-1", {}}, Row{"soon", {}},
                         Row{"Sun, 31 Feb 1994 08:49:37 GMT", {}}, Row{"Sun, 06 Nov 1994 08:49 GMT", {}},
                         Row{"99999999999999999999999", {}}, Row{"18446744073709551615", 366LL * 86400},
                         Row{"Sun, 06 Nov 9994 08:49:37 GMT", 366LL * 86400}}) {
    const auto got = parse_retry_after(row.text, k_now);
    ASSERT_EQ(got.has_value(), row.seconds.has_value()) << row.text;
    if (!got) continue;
    EXPECT_EQ(got->count(), *row.seconds * 1000) << row.text;
  }
}

TEST(OutcomeOfStatus, table) {
  for (const int busy : {429, 500, 502, 503, 504}) EXPECT_EQ(outcome_of_status(busy), Outcome::busy) << busy;
  for (const int settled : {200, 304, 400, 401, 403, 404, 410, 501, 505})
    EXPECT_EQ(outcome_of_status(settled), Outcome::answered) << settled;
}

}  // namespace
}  // namespace larder::http
