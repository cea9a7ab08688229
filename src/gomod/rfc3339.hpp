// SPDX-License-Identifier: Apache-2.0
// Times as they stand in .info files and version lists: RFC 3339 with the liberties Go's time package takes
// (one digit for the hour, ',' before the fraction, 60 minutes in the offset) and without those it
// does not (lower case, second 60). Thread rule: values. Spec: go-modules.md 1.4, 5.2.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace larder::gomod {

struct Instant {
  std::int64_t seconds = 0;  // since the epoch
  std::uint32_t nanos = 0;   // what is finer is cut off
  std::int32_t offset = 0;   // minutes east of UTC, as written

  // Kind::invalid, in the words of Go: `parsing time "T": month out of range`.
  static Result<Instant> parse(std::string_view text);
  static std::optional<Instant> of(std::string_view text);  // where the reason does not matter
  std::string str() const;  // as Go prints it; parse(str()) is the same instant
  bool before(const Instant& other) const {
    return seconds != other.seconds ? seconds < other.seconds : nanos < other.nanos;
  }
};

}  // namespace larder::gomod
