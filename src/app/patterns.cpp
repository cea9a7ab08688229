// SPDX-License-Identifier: Apache-2.0
#include "app/patterns.hpp"

namespace larder::app {

namespace {

constexpr std::string_view k_any = "...";

// Greedy from the left: each literal piece at its first place, the last one at the end.
bool match_pieces(std::string_view pattern, std::string_view name) {
  const auto first = pattern.find(k_any);
  if (first == std::string_view::npos) return pattern == name;
  if (!name.starts_with(pattern.substr(0, first))) return false;
  name.remove_prefix(first);
  pattern.remove_prefix(first + k_any.size());
  for (;;) {
    const auto next = pattern.find(k_any);
    if (next == std::string_view::npos) return name.ends_with(pattern);
    const auto at = name.find(pattern.substr(0, next));
    if (at == std::string_view::npos) return false;
    name.remove_prefix(at + next);
    pattern.remove_prefix(next + k_any.size());
  }
}

}  // namespace

bool match_pattern(std::string_view pattern, std::string_view name) {
  if (match_pieces(pattern, name)) return true;
  return pattern.ends_with("/...") && match_pieces(pattern.substr(0, pattern.size() - 4), name);
}

}  // namespace larder::app
