// SPDX-License-Identifier: Apache-2.0
// Which outcome of a request is tried again, and after how long. The go command tries nothing again
// (go-modules.md 5.3); Larder does, within bounds. Thread rule: pure functions; the caller passes chance in.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace larder::http {

using Millis = std::chrono::milliseconds;

struct RetryPolicy {
  unsigned attempts = 4;              // requests without progress, the first included; 1 = never again
  unsigned resumes = 16;              // continuations of a cut transfer that did make progress
  Millis base{250};                   // the first pause is in [base/2, base]
  Millis cap{8'000};                  // no pause is longer, but for Retry-After
  Millis retry_after_limit{120'000};  // a server that asks for more is taken at its word: give up
};

// What became of one attempt.
enum class Outcome {
  answered,  // a status that another attempt will not change
  busy,      // 429, 500, 502, 503, 504
  cut,       // the connection broke: refused, reset, end of file before the end of the body, stalled half-way
  silent,    // not one byte came in the time allowed: asking again costs that time again
  hopeless,  // unknown host, certificate, protocol: the same next time
};

Outcome outcome_of_status(int status);

struct Attempt {
  Outcome outcome = Outcome::answered;
  unsigned failures = 0;              // attempts so far that made no progress, this one included
  unsigned resumes = 0;               // continuations so far
  bool progress = false;              // this attempt moved the body forward
  std::optional<Millis> retry_after;  // from the response
};

// How long to wait before the next attempt; nullopt: give up. chance is uniform in [0, 2^32).
std::optional<Millis> next_pause(const RetryPolicy& policy, const Attempt& attempt, std::uint32_t chance);

// Retry-After: seconds, or an HTTP date seen from `now` (seconds since the epoch). nullopt when malformed.
std::optional<Millis> parse_retry_after(std::string_view value, std::int64_t now);

}  // namespace larder::http
