// SPDX-License-Identifier: Apache-2.0
#include "app/patterns.hpp"

#include <string>

namespace larder::app {

namespace {

constexpr std::string_view k_any = "...";

constexpr std::string_view k_vendor = "vendor";
constexpr char k_hidden = '\0';  // stands for "vendor" with something below it; no "..." stands for it

std::string hide_vendor(std::string_view path) {
  std::string out;
  for (;;) {
    const auto slash = path.find('/');
    const auto element = path.substr(0, slash);
    if (slash == std::string_view::npos) return out.append(element);
    if (element == k_vendor) {
      out += k_hidden;
    } else {
      out += element;
    }
    out += '/';
    path.remove_prefix(slash + 1);
  }
}

bool covers(std::string_view text) {
  return text.find(k_hidden) == std::string_view::npos;
}

// Greedy from the left: each literal piece at its first place, the last one at the end.
bool match_pieces(std::string_view pattern, std::string_view name) {
  const auto first = pattern.find(k_any);
  if (first == std::string_view::npos) return pattern == name;
  if (!name.starts_with(pattern.substr(0, first))) return false;
  name.remove_prefix(first);
  pattern.remove_prefix(first + k_any.size());
  for (;;) {
    const auto next = pattern.find(k_any);
    if (next == std::string_view::npos)
      return name.ends_with(pattern) && covers(name.substr(0, name.size() - pattern.size()));
    const auto at = name.find(pattern.substr(0, next));
    if (at == std::string_view::npos || !covers(name.substr(0, at))) return false;
    name.remove_prefix(at + next);
    pattern.remove_prefix(next + k_any.size());
  }
}

}  // namespace

bool match_pattern(std::string_view pattern, std::string_view name) {
  constexpr std::string_view k_below = "/...";
  constexpr std::string_view k_below_vendor("/\0/...", 6);
  if (pattern.find(k_hidden) != std::string_view::npos || name.find(k_hidden) != std::string_view::npos)
    return false;
  const auto hidden = hide_vendor(pattern);
  const auto hidden_name = hide_vendor(name);
  if (hidden == k_below_vendor.substr(1)) return false;  // as in go, it has to stand in a folder
  if (match_pieces(hidden, hidden_name)) return true;
  if (!hidden.ends_with(k_below)) return false;
  auto itself = pattern.substr(0, pattern.size() - k_below.size());
  return match_pieces(hide_vendor(itself), hidden_name);
}

}  // namespace larder::app
