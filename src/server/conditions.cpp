// SPDX-License-Identifier: Apache-2.0
#include "server/conditions.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace larder::server {

namespace {

// If-None-Match compares weakly: W/ in front does not matter.
bool lists_etag(std::string_view header, std::string_view etag) {
  if (trim(header) == "*") return true;
  for (auto entry : split(header, ',')) {
    entry = trim(entry);
    if (entry.starts_with("W/")) entry.remove_prefix(2);
    if (entry == etag) return true;
  }
  return false;
}

struct Range {
  std::optional<std::uint64_t> first;  // absent: the last `last` bytes
  std::optional<std::uint64_t> last;
};

std::optional<Range> parse_range(std::string_view header) {
  const auto unit = cut(trim(header), "=");
  if (!unit || lower_ascii(trim(unit->first)) != "bytes") return std::nullopt;
  const auto ends = cut(trim(unit->second), "-");
  if (!ends || (ends->first.empty() && ends->second.empty())) return std::nullopt;
  Range range;
  if (!ends->first.empty() && !(range.first = parse_uint(ends->first))) return std::nullopt;
  if (!ends->second.empty() && !(range.last = parse_uint(ends->second))) return std::nullopt;
  if (range.first && range.last && *range.first > *range.last) return std::nullopt;
  return range;
}

Selection satisfy(const Range& range, std::uint64_t size) {
  const Selection nothing{.what = Selection::What::unsatisfiable};
  if (!range.first) {
    const auto count = std::min(range.last.value_or(0), size);
    if (count == 0) return nothing;
    return {.what = Selection::What::part, .first = size - count, .count = count};
  }
  if (*range.first >= size) return nothing;
  const auto last = std::min(range.last.value_or(size - 1), size - 1);
  return {.what = Selection::What::part, .first = *range.first, .count = last - *range.first + 1};
}

}  // namespace

Selection select(const Conditions& conditions, std::string_view etag, std::uint64_t size, bool ranges) {
  if (conditions.if_none_match && lists_etag(*conditions.if_none_match, etag)) {
    return {.what = Selection::What::unchanged};
  }
  if (!ranges || !conditions.range) return {};
  if (conditions.if_range && trim(*conditions.if_range) != etag) return {};
  const auto range = parse_range(*conditions.range);
  return range ? satisfy(*range, size) : Selection{};
}

}  // namespace larder::server
