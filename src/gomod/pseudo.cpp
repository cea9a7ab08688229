// SPDX-License-Identifier: Apache-2.0
#include "gomod/pseudo.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "base/text.hpp"
#include "gomod/check.hpp"
#include "gomod/decimal.hpp"
#include "gomod/quoting.hpp"
#include "gomod/semver.hpp"

namespace larder::gomod::pseudo {

namespace {
constexpr std::size_t k_time_digits = 14;

struct Parts {
  std::string_view base;  // "vX.0.0", "vX.Y.Z-0", "vX.Y.Z-pre.0"
  std::string_view time;
  std::string_view rev;
  std::string_view build;  // with '+'
};

bool alphanumeric(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

// The part before the time must be one of the three forms; v is a valid semantic version.
bool is_base(std::string_view base) {
  const auto pre = base.find('-');
  if (pre == std::string_view::npos) return base.ends_with(".0.0");
  const auto tail = base.substr(pre + 1);
  return tail == "0" || tail.ends_with(".0");
}

std::optional<Parts> parse(std::string_view v) {
  if (!semver::valid(v)) return std::nullopt;
  Parts parts;
  parts.build = semver::build(v);
  v.remove_suffix(parts.build.size());
  const auto dash = v.rfind('-');
  if (dash == std::string_view::npos || dash < k_time_digits + 1) return std::nullopt;
  parts.rev = v.substr(dash + 1);
  parts.time = v.substr(dash - k_time_digits, k_time_digits);
  const char before_time = v[dash - k_time_digits - 1];
  parts.base = v.substr(0, dash - k_time_digits - 1);
  if (!alphanumeric(parts.rev) || !std::all_of(parts.time.begin(), parts.time.end(), is_digit))
    return std::nullopt;
  const bool plain = parts.base.find('-') == std::string_view::npos;
  if (before_time != (plain ? '-' : '.') || !is_base(parts.base)) return std::nullopt;
  return parts;
}

Failure invalid(std::string_view v, std::string_view reason) {
  return fail(Kind::invalid, invalid_version_text(v, reason, true));
}

Result<Parts> parts_of(std::string_view v) {
  const auto parts = parse(v);
  if (!parts) return invalid(v, "syntax error");
  return *parts;
}

bool leap(unsigned year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

// yyyymmddhhmmss of a real moment (no leap seconds).
bool real_time(std::string_view t) {
  constexpr std::array<unsigned, 12> k_days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const auto field = [&](std::size_t at, std::size_t n) {
    return static_cast<unsigned>(*parse_uint(t.substr(at, n)));
  };
  const auto year = field(0, 4);
  const auto month = field(4, 2);
  const auto day = field(6, 2);
  if (month < 1 || month > 12 || day < 1) return false;
  if (day > k_days.at(month - 1) + (month == 2 && leap(year) ? 1 : 0)) return false;
  return field(8, 2) < 24 && field(10, 2) < 60 && field(12, 2) < 60;
}
}  // namespace

bool is_pseudo(std::string_view v) {
  return parse(v).has_value();
}

Result<std::string> time(std::string_view v) {
  return std::string(TRY(parts_of(v)).time);
}

Result<std::string> time_rfc3339(std::string_view v) {
  const auto t = TRY(parts_of(v)).time;
  if (!real_time(t)) return invalid(v, fmt::format("malformed time {}", go_quote(t)));
  return fmt::format("{}-{}-{}T{}:{}:{}Z", t.substr(0, 4), t.substr(4, 2), t.substr(6, 2), t.substr(8, 2),
                     t.substr(10, 2), t.substr(12, 2));
}

Result<std::string> rev(std::string_view v) {
  return std::string(TRY(parts_of(v)).rev);
}

Result<std::string> base(std::string_view v) {
  const auto parts = TRY(parts_of(v));
  const auto dash = parts.base.find('-');
  const auto release = parts.base.substr(0, dash);
  if (dash == std::string_view::npos) {
    if (parts.build.empty()) return std::string();
    return invalid(v, fmt::format("lacks base version, but has build metadata {}", go_quote(parts.build)));
  }
  if (parts.base.substr(dash) != "-0")
    return fmt::format("{}{}", parts.base.substr(0, parts.base.size() - 2), parts.build);
  const auto dot = release.rfind('.');
  const auto patch = minus_one(release.substr(dot + 1));
  if (patch.empty())
    return invalid(v, fmt::format("version before {} would have negative patch number", release));
  return fmt::format("{}.{}{}", release.substr(0, dot), patch, parts.build);
}

std::string make(std::string_view major, std::string_view older, std::string_view time,
                 std::string_view rev) {
  const auto build = semver::build(older);
  const auto tag = semver::canonical(older);
  if (tag.empty()) return fmt::format("{}.0.0-{}-{}{}", major.empty() ? "v0" : major, time, rev, build);
  if (!semver::prerelease(tag).empty()) return fmt::format("{}.0.{}-{}{}", tag, time, rev, build);
  const auto dot = tag.rfind('.');
  return fmt::format("{}.{}-0.{}-{}{}", tag.substr(0, dot), plus_one(tag.substr(dot + 1)), time, rev, build);
}

std::string zero(std::string_view major) {
  return make(major, "", "00010101000000", "000000000000");
}

}  // namespace larder::gomod::pseudo
