// SPDX-License-Identifier: Apache-2.0
#include "gomod/rfc3339.hpp"

#include <chrono>

#include <fmt/format.h>

#include "base/text.hpp"

namespace larder::gomod {

namespace {

// Reads from the front of a text; any miss makes all that follows miss.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  int number(std::size_t digits, int low, int high) {
    const auto value = parse_uint(rest_.substr(0, digits));
    if (rest_.size() < digits || !value || static_cast<int>(*value) < low ||
        static_cast<int>(*value) > high) {
      ok_ = false;
      return low;
    }
    rest_.remove_prefix(digits);
    return static_cast<int>(*value);
  }
  void expect(char c) {
    if (!skip(c)) ok_ = false;
  }
  bool skip(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Digits after '.' or ',': nanoseconds, the rest cut off.
  std::uint32_t fraction() {
    if (!skip('.') && !skip(',')) return 0;
    std::uint32_t nanos = 0;
    std::size_t count = 0;
    for (; count < rest_.size() && is_digit(rest_[count]); ++count) {
      if (count < 9) nanos = nanos * 10 + static_cast<std::uint32_t>(rest_[count] - '0');
    }
    if (count == 0) ok_ = false;
    for (std::size_t i = count; i < 9; ++i) nanos *= 10;
    rest_.remove_prefix(count);
    return nanos;
  }
  std::size_t digits_ahead() const {
    std::size_t count = 0;
    while (count < rest_.size() && is_digit(rest_[count])) ++count;
    return count;
  }
  bool ok() const { return ok_; }
  bool done() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace

std::optional<Instant> Instant::parse(std::string_view text) {
  using namespace std::chrono;
  Reader in(text);
  const int year_number = in.number(4, 0, 9999);
  in.expect('-');
  const int month_number = in.number(2, 1, 12);
  in.expect('-');
  const int day_number = in.number(2, 1, 31);
  in.expect('T');
  const int hour = in.number(in.digits_ahead() == 1 ? 1 : 2, 0, 23);
  in.expect(':');
  const int minute = in.number(2, 0, 59);
  in.expect(':');
  const int second = in.number(2, 0, 59);
  Instant out;
  out.nanos = in.fraction();
  if (!in.skip('Z')) {
    const bool west = in.skip('-');
    if (!west) in.expect('+');
    out.offset = in.number(2, 0, 23) * 60;
    in.expect(':');
    out.offset += in.number(2, 0, 59);
    if (west) out.offset = -out.offset;
  }
  const year_month_day date{year{year_number}, month{static_cast<unsigned>(month_number)},
                            day{static_cast<unsigned>(day_number)}};
  if (!in.done() || !date.ok()) return std::nullopt;
  const std::int64_t days = sys_days(date).time_since_epoch().count();
  const std::int64_t minutes = (days * 24 + hour) * 60 + minute - out.offset;
  out.seconds = minutes * 60 + second;
  return out;
}

std::string Instant::str() const {
  using namespace std::chrono;
  const sys_seconds local{std::chrono::seconds(seconds + std::int64_t{offset} * 60)};
  const auto midnight = floor<days>(local);
  const year_month_day date{midnight};
  const auto clock = (local - midnight).count();
  std::string out = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                clock / 3600, clock / 60 % 60, clock % 60);
  if (nanos != 0) {
    std::string digits = fmt::format("{:09}", nanos);
    digits.erase(digits.find_last_not_of('0') + 1);
    out += "." + digits;
  }
  if (offset == 0) return out + "Z";
  const int east = offset < 0 ? -offset : offset;
  return out + fmt::format("{}{:02}:{:02}", offset < 0 ? '-' : '+', east / 60, east % 60);
}

}  // namespace larder::gomod
