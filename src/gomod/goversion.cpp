// SPDX-License-Identifier: Apache-2.0
#include "gomod/goversion.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

#include "base/text.hpp"
#include "gomod/decimal.hpp"

namespace larder::gomod::goversion {

namespace {
struct Parts {
  std::string_view major;
  std::string_view minor;
  std::string_view patch;  // "" where missing
  std::string_view kind;   // "alpha", "beta", "rc", or ""
  std::string_view pre;
};

// Removes a decimal number without leading zeros from the front of s; "" where there is none.
std::string_view take_number(std::string_view& s) {
  const auto end = static_cast<std::size_t>(std::find_if_not(s.begin(), s.end(), is_digit) - s.begin());
  if (end > 1 && s[0] == '0') return {};
  const auto number = s.substr(0, end);
  s.remove_prefix(end);
  return number;
}

// The patch number, or the kind with its number: what follows the minor version. False when malformed.
bool parse_tail(std::string_view s, Parts& parts) {
  if (s[0] == '.') {
    s.remove_prefix(1);
    parts.patch = take_number(s);
    return !parts.patch.empty() && s.empty();
  }
  const auto* end = std::find_if_not(s.begin(), s.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  parts.kind = s.substr(0, static_cast<std::size_t>(end - s.begin()));
  s.remove_prefix(parts.kind.size());
  if (parts.kind.empty()) return false;
  if (s.empty()) return true;
  parts.pre = take_number(s);
  return !parts.pre.empty() && s.empty();
}

std::optional<Parts> parse(std::string_view v) {
  Parts parts;
  parts.major = take_number(v);
  if (parts.major.empty()) return std::nullopt;
  if (v.empty()) {
    parts.minor = parts.patch = "0";
    return parts;
  }
  if (v[0] != '.') return std::nullopt;
  v.remove_prefix(1);
  parts.minor = take_number(v);
  if (parts.minor.empty()) return std::nullopt;
  if (v.empty()) {
    // Since 1.21 "1.N" is the language, below all releases; before, it was the first release itself.
    const bool release = parts.minor.size() == 1 || (parts.minor.size() == 2 && parts.minor < "21");
    if (release) parts.patch = "0";
    return parts;
  }
  if (!parse_tail(v, parts)) return std::nullopt;
  return parts;
}

// Numbers of any length: by length first, then bytes; "" is lowest.
auto number_key(std::string_view s) {
  return std::pair{s.size(), s};
}

auto key(const Parts& p) {
  return std::tuple{number_key(p.major), number_key(p.minor), number_key(p.patch), p.kind, number_key(p.pre)};
}
}  // namespace

bool valid(std::string_view v) {
  return parse(v).has_value();
}

int compare(std::string_view a, std::string_view b) {
  const auto pa = parse(a);
  const auto pb = parse(b);
  if (!pa || !pb) return pa.has_value() ? 1 : pb.has_value() ? -1 : 0;
  const auto ka = key(*pa);
  const auto kb = key(*pb);
  return ka < kb ? -1 : kb < ka ? 1 : 0;
}

std::string_view max(std::string_view a, std::string_view b) {
  return compare(a, b) < 0 ? b : a;
}

std::string lang(std::string_view v) {
  const auto parts = parse(v);
  if (!parts) return {};
  std::string out(parts->major);
  if (parts->major == "1" && parts->minor == "0") return out;
  return out.append(".").append(parts->minor);
}

bool is_lang(std::string_view v) {
  const auto parts = parse(v);
  return parts && parts->patch.empty() && parts->kind.empty();
}

bool is_prerelease(std::string_view v) {
  const auto parts = parse(v);
  return parts && !parts->kind.empty();
}

std::string prev(std::string_view v) {
  const auto parts = parse(v);
  if (!parts) return {};
  if (parts->minor.size() == 1 && parts->minor <= "1") return std::string(parts->major);
  return std::string(parts->major) + "." + minus_one(parts->minor);
}

std::string_view from_toolchain(std::string_view name) {
  if (!name.starts_with("go") || name.find_first_of("/\\") != std::string_view::npos) return {};
  const auto v = name.substr(2, name.find_first_of(" \t-") - 2);
  return valid(v) ? v : std::string_view();
}

}  // namespace larder::gomod::goversion
