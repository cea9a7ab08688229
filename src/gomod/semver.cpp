// SPDX-License-Identifier: Apache-2.0
#include "gomod/semver.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"

namespace larder::gomod::semver {

namespace {
struct Parts {
  std::array<std::string_view, 3> numbers = {"", "0", "0"};
  int given = 0;                // how many numbers stand in the text
  std::string_view prerelease;  // with '-'
  std::string_view build;       // with '+'
};

bool identifier_char(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

bool all_digits(std::string_view s) {
  return std::all_of(s.begin(), s.end(), is_digit);
}

// Decimal number without leading zeros at the start of s; "" where there is none.
std::string_view leading_number(std::string_view s) {
  const auto end = static_cast<std::size_t>(std::find_if_not(s.begin(), s.end(), is_digit) - s.begin());
  return end > 1 && s[0] == '0' ? std::string_view() : s.substr(0, end);
}

// "-a.b" or "+a.b" at the start of s, as long as possible; "" when an identifier is empty or a number of a
// prerelease has a leading zero.
std::string_view leading_identifiers(std::string_view s) {
  const bool is_prerelease = s[0] == '-';
  std::size_t start = 1;
  for (std::size_t i = 1;; ++i) {
    if (i < s.size() && identifier_char(s[i])) continue;
    const auto id = s.substr(start, i - start);
    if (id.empty() || (is_prerelease && id.size() > 1 && id[0] == '0' && all_digits(id))) return {};
    if (i == s.size() || s[i] != '.') return s.substr(0, i);
    start = i + 1;
  }
}

std::optional<Parts> parse(std::string_view v) {
  if (v.empty() || v[0] != 'v') return std::nullopt;
  Parts parts;
  auto rest = v.substr(1);
  for (auto& number : parts.numbers) {
    number = leading_number(rest);
    if (number.empty()) return std::nullopt;
    rest.remove_prefix(number.size());
    ++parts.given;
    if (parts.given == 3) break;
    if (rest.empty()) break;
    if (rest[0] != '.') return std::nullopt;
    rest.remove_prefix(1);
  }
  if (!rest.empty() && rest[0] == '-') {
    parts.prerelease = leading_identifiers(rest);
    rest.remove_prefix(parts.prerelease.size());
  }
  if (!rest.empty() && rest[0] == '+') {
    parts.build = leading_identifiers(rest);
    rest.remove_prefix(parts.build.size());
  }
  if (!rest.empty()) return std::nullopt;
  return parts;
}

template <class T>
int order(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

int compare_numbers(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? order(a.size(), b.size()) : order(a, b);
}

int compare_identifiers(std::string_view a, std::string_view b) {
  const bool a_number = all_digits(a);
  const bool b_number = all_digits(b);
  if (a_number != b_number) return a_number ? -1 : 1;
  return a_number ? compare_numbers(a, b) : order(a, b);
}

int compare_prereleases(std::string_view a, std::string_view b) {
  if (a == b) return 0;
  if (a.empty() || b.empty()) return a.empty() ? 1 : -1;
  const auto next = [](std::string_view& s) {  // s is "-a.b": removes "-a"
    const auto end = std::min(s.find('.', 1), s.size());
    const auto id = s.substr(1, end - 1);
    s.remove_prefix(end);
    return id;
  };
  while (!a.empty() && !b.empty()) {
    if (const int c = compare_identifiers(next(a), next(b)); c != 0) return c;
  }
  return order(a.size(), b.size());
}
}  // namespace

bool valid(std::string_view v) {
  return parse(v).has_value();
}

int compare(std::string_view a, std::string_view b) {
  const auto pa = parse(a);
  const auto pb = parse(b);
  if (!pa || !pb) return order(pa.has_value(), pb.has_value());
  for (std::size_t i = 0; i < 3; ++i) {
    if (const int c = compare_numbers(pa->numbers.at(i), pb->numbers.at(i)); c != 0) return c;
  }
  return compare_prereleases(pa->prerelease, pb->prerelease);
}

bool less(std::string_view a, std::string_view b) {
  const int c = compare(a, b);
  return c != 0 ? c < 0 : a < b;
}

std::string canonical(std::string_view v) {
  const auto parts = parse(v);
  if (!parts) return {};
  std::string out(v.substr(0, v.size() - parts->build.size()));
  for (int i = parts->given; i < 3; ++i) out += ".0";
  return out;
}

std::string canonical_version(std::string_view v) {
  auto out = canonical(v);
  if (build(v) == "+incompatible") out += "+incompatible";
  return out;
}

std::string_view major(std::string_view v) {
  const auto parts = parse(v);
  return parts ? v.substr(0, 1 + parts->numbers[0].size()) : std::string_view();
}

std::string major_minor(std::string_view v) {
  const auto parts = parse(v);
  if (!parts) return {};
  return std::string(major(v)).append(".").append(parts->numbers[1]);
}

std::string_view prerelease(std::string_view v) {
  const auto parts = parse(v);
  return parts ? parts->prerelease : std::string_view();
}

std::string_view build(std::string_view v) {
  const auto parts = parse(v);
  return parts ? parts->build : std::string_view();
}

}  // namespace larder::gomod::semver
