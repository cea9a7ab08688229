// SPDX-License-Identifier: Apache-2.0
#include "http/date.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "base/text.hpp"

namespace larder::http {

namespace {
constexpr std::array<std::string_view, 12> k_months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
}  // namespace

std::optional<std::int64_t> parse_http_date(std::string_view text) {
  const auto words = fields(text);
  if (words.size() != 6 || words[5] != "GMT") return std::nullopt;
  const auto month = std::find(k_months.begin(), k_months.end(), words[2]);
  const auto day = parse_uint(words[1], 31);
  const auto year = parse_uint(words[3], 9999);
  const auto clock = split(words[4], ':');
  if (month == k_months.end() || !day || !year || clock.size() != 3) return std::nullopt;
  const auto hour = parse_uint(clock[0], 23);
  const auto minute = parse_uint(clock[1], 59);
  const auto second = parse_uint(clock[2], 60);
  if (!hour || !minute || !second) return std::nullopt;
  using namespace std::chrono;
  const year_month_day date{std::chrono::year{static_cast<int>(*year)},
                            std::chrono::month{static_cast<unsigned>(month - k_months.begin()) + 1},
                            std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  const auto days = sys_days(date).time_since_epoch().count();
  return std::int64_t{days} * 86400 + static_cast<std::int64_t>(*hour * 3600 + *minute * 60 + *second);
}

}  // namespace larder::http
