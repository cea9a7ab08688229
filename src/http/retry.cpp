// SPDX-License-Identifier: Apache-2.0
#include "http/retry.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "http/date.hpp"

namespace larder::http {

namespace {

// base · 2^(failures-1), at most cap; then somewhere in its upper half, so that clients that failed together
// do not come back together.
Millis backoff(const RetryPolicy& policy, unsigned failures, std::uint32_t chance) {
  const unsigned doublings = std::min(failures > 0 ? failures - 1 : 0U, 20U);
  const auto full = std::min<std::int64_t>(policy.base.count() << doublings, policy.cap.count());
  const auto half = full / 2;
  const auto span = static_cast<std::uint64_t>(full - half) + 1;
  return Millis(half + static_cast<std::int64_t>(chance * span >> 32U));
}

}  // namespace

Outcome outcome_of_status(int status) {
  constexpr std::array k_busy = {429, 500, 502, 503, 504};
  return std::find(k_busy.begin(), k_busy.end(), status) != k_busy.end() ? Outcome::busy : Outcome::answered;
}

std::optional<Millis> next_pause(const RetryPolicy& policy, const Attempt& attempt, std::uint32_t chance) {
  if (attempt.outcome != Outcome::busy && attempt.outcome != Outcome::cut) return std::nullopt;
  if (attempt.progress) {
    if (attempt.resumes >= policy.resumes) return std::nullopt;
    return backoff(policy, 1, chance);
  }
  if (attempt.failures >= policy.attempts) return std::nullopt;
  const Millis pause = backoff(policy, attempt.failures, chance);
  if (!attempt.retry_after) return pause;
  if (*attempt.retry_after > policy.retry_after_limit) return std::nullopt;
  return std::max(pause, *attempt.retry_after);
}

std::optional<Millis> parse_retry_after(std::string_view value, std::int64_t now) {
  constexpr std::uint64_t k_year = 366ULL * 86400;
  value = trim(value);
  if (const auto seconds = parse_uint(value)) return std::chrono::seconds(std::min(*seconds, k_year));
  const auto date = parse_http_date(value);
  if (!date) return std::nullopt;
  return std::chrono::seconds(std::clamp<std::int64_t>(*date - now, 0, k_year));
}

}  // namespace larder::http
