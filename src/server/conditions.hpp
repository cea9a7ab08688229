// SPDX-License-Identifier: Apache-2.0
// Conditional and partial requests (RFC 9110, 13 and 14): If-None-Match, Range with one range, If-Range.
// Entity tags are strong; dates are not offered, so a date in If-Range never matches. A Range header that is
// malformed, of another unit, or names several ranges is ignored, as the RFC allows.
// Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace larder::server {

struct Conditions {
  // Header values as sent; absent ones are nullopt.
  std::optional<std::string_view> if_none_match;
  std::optional<std::string_view> range;
  std::optional<std::string_view> if_range;
};

struct Selection {
  enum class What { whole, part, unchanged, unsatisfiable } what = What::whole;
  std::uint64_t first = 0;  // part: the first byte and how many
  std::uint64_t count = 0;
};

// What to send of a representation with this entity tag (quotes included) and size. `ranges`: the request may
// be answered in part (GET of an object).
Selection select(const Conditions& conditions, std::string_view etag, std::uint64_t size, bool ranges);

}  // namespace larder::server
