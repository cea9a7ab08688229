// SPDX-License-Identifier: Apache-2.0
#include "vcs/utc.hpp"

#include <chrono>

#include <fmt/format.h>

namespace larder::vcs {

std::optional<std::string> utc_digits(std::int64_t seconds) {
  namespace c = std::chrono;
  // -719528 and 2932896: 0000-01-01 and 9999-12-31 in days since 1970.
  constexpr std::int64_t k_day = 86'400;
  if (seconds < -719'528 * k_day || seconds >= 2'932'897 * k_day) return std::nullopt;
  const c::sys_seconds time{c::seconds(seconds)};
  const auto day = c::floor<c::days>(time);
  const c::year_month_day date(day);
  const c::hh_mm_ss clock(time - day);
  return fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::optional<std::string> utc_rfc3339(std::int64_t seconds) {
  const auto digits = utc_digits(seconds);
  if (!digits) return std::nullopt;
  const std::string_view d = *digits;
  return fmt::format("{}-{}-{}T{}:{}:{}Z", d.substr(0, 4), d.substr(4, 2), d.substr(6, 2), d.substr(8, 2),
                     d.substr(10, 2), d.substr(12, 2));
}

}  // namespace larder::vcs
