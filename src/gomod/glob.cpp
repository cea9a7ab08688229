// SPDX-License-Identifier: Apache-2.0
#include "gomod/glob.hpp"

#include <algorithm>
#include <cstddef>

#include "base/text.hpp"
#include "gomod/unicode.hpp"

namespace larder::gomod {

namespace {
// One code point of a class, escapes resolved; false when the pattern ends or the character is special.
bool take_class_rune(std::string_view& p, char32_t& out) {
  if (p.empty() || p[0] == '-' || p[0] == ']') return false;
  if (p[0] == '\\') p.remove_prefix(1);
  if (p.empty()) return false;
  const auto rune = decode_rune(p, 0);
  if (rune.value == k_bad_rune && rune.size == 1) return false;
  p.remove_prefix(rune.size);
  out = rune.value;
  return !p.empty();  // a class is closed by ']'
}

// Matches r against the class at the start of p (after '['), and removes the class from p. nullopt:
// malformed.
std::optional<bool> match_class(std::string_view& p, char32_t r) {
  const bool negated = p.starts_with('^');
  if (negated) p.remove_prefix(1);
  bool found = false;
  for (bool first = true; first || !p.starts_with(']'); first = false) {
    char32_t low = 0;
    if (!take_class_rune(p, low)) return std::nullopt;
    char32_t high = low;
    if (p.starts_with('-')) {
      p.remove_prefix(1);
      if (!take_class_rune(p, high)) return std::nullopt;
    }
    found = found || (low <= r && r <= high);
  }
  p.remove_prefix(1);
  return found != negated;
}

// Matches one pattern element that is not '*' at the start of p against the start of name; removes both.
// With an empty name only the syntax is checked.
std::optional<bool> match_one(std::string_view& p, std::string_view& name) {
  const auto rune = name.empty() ? Rune{0, 0} : decode_rune(name, 0);
  const bool any = !name.empty();
  const char c = p[0];
  if (c == '[' || c == '?') {
    p.remove_prefix(1);
    name.remove_prefix(rune.size);
    const auto in_class = c == '?' ? std::optional(rune.value != U'/') : match_class(p, rune.value);
    if (!in_class) return std::nullopt;
    return any && *in_class;
  }
  if (c == '\\') {
    p.remove_prefix(1);
    if (p.empty()) return std::nullopt;
  }
  const bool same = any && p[0] == name[0];
  p.remove_prefix(1);
  if (any) name.remove_prefix(1);
  return same;
}

// Where the pattern is well formed. Checked apart, so that the answer does not depend on the name.
bool well_formed(std::string_view p) {
  while (!p.empty()) {
    std::string_view nothing;
    if (p[0] == '*') {
      p.remove_prefix(1);
    } else if (!match_one(p, nothing)) {
      return false;
    }
  }
  return true;
}

// Length of the first n+1 elements of target, where the pattern has n slashes; npos if there are fewer.
std::size_t prefix_length(std::string_view pattern, std::string_view target) {
  auto slashes = std::count(pattern.begin(), pattern.end(), '/');
  for (std::size_t i = 0; i < target.size(); ++i) {
    if (target[i] == '/' && slashes-- == 0) return i;
  }
  return slashes > 0 ? std::string_view::npos : target.size();
}
}  // namespace

std::optional<bool> match_glob(std::string_view pattern, std::string_view name) {
  if (!well_formed(pattern)) return std::nullopt;
  // Greedy with one way back: to the last '*', which then swallows one byte more. A class may match '/',
  // which no star does; there a way back to an earlier star could find more, but go does not look for it
  // either.
  auto p = pattern;
  bool have_star = false;
  std::string_view star_pattern;
  std::string_view star_name;
  for (;;) {
    if (p.starts_with('*')) {
      p.remove_prefix(1);
      have_star = true;
      star_pattern = p;
      star_name = name;
      continue;
    }
    if (p.empty() && name.empty()) return true;
    if (!p.empty() && !name.empty() && *match_one(p, name)) continue;
    if (!have_star || star_name.empty() || star_name[0] == '/') return false;
    star_name.remove_prefix(1);
    p = star_pattern;
    name = star_name;
  }
}

bool match_prefix_patterns(std::string_view patterns, std::string_view target) {
  for (auto pattern : split(patterns, ',')) {
    if (pattern.ends_with('/')) pattern.remove_suffix(1);
    if (pattern.empty()) continue;
    const auto length = prefix_length(pattern, target);
    if (length != std::string_view::npos && match_glob(pattern, target.substr(0, length)).value_or(false))
      return true;
  }
  return false;
}

}  // namespace larder::gomod
