// SPDX-License-Identifier: Apache-2.0
#include "gomod/rfc3339.hpp"

#include <chrono>

#include <fmt/format.h>

#include "base/text.hpp"

namespace larder::gomod {

namespace {

constexpr std::uint32_t k_max_digits = 9;  // of a fraction; what is finer is cut off

// As Go's time package quotes: bytes, not characters.
std::string quote_bytes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < ' ' || static_cast<unsigned char>(c) >= 0x80) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

// One time, read from the front; the first miss is kept. Each piece is named as in Go's layout.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : text_(text), rest_(text) {}

  int number(std::string_view piece, std::size_t least_digits, std::size_t digits) {
    const auto ahead = digits_ahead(digits);
    if (ahead < least_digits) return miss(piece), 0;
    const auto value = parse_uint(rest_.substr(0, ahead));
    rest_.remove_prefix(ahead);
    return static_cast<int>(value.value_or(0));
  }
  int number(std::string_view piece) { return number(piece, 2, 2); }
  void within(std::string_view what, int value, int low, int high) {
    if (value < low || value > high) out_of_range(what);
  }
  void out_of_range(std::string_view what) { say(fmt::format(": {} out of range", what)); }
  void expect(char c, std::string_view piece) {
    if (!skip(c)) miss(piece);
  }
  bool skip(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Digits after '.' or ',', if any: nanoseconds.
  std::uint32_t fraction() {
    if (!rest_.starts_with('.') && !rest_.starts_with(',')) return 0;
    if (rest_.size() < 2 || !is_digit(rest_[1])) return 0;
    rest_.remove_prefix(1);
    std::uint32_t nanos = 0;
    std::size_t count = 0;
    for (; count < rest_.size() && is_digit(rest_[count]); ++count) {
      if (count < k_max_digits) nanos = nanos * 10 + static_cast<std::uint32_t>(rest_[count] - '0');
    }
    for (std::size_t i = count; i < k_max_digits; ++i) nanos *= 10;
    rest_.remove_prefix(count);
    return nanos;
  }
  // Minutes east of UTC.
  int zone() {
    if (skip('Z')) return 0;
    const auto all = rest_;
    const bool has_form = all.size() >= 6 && all[3] == ':' && is_digit(all[1]) && is_digit(all[2]) &&
                          is_digit(all[4]) && is_digit(all[5]);
    if (!has_form) return miss("Z07:00"), 0;
    rest_.remove_prefix(1);
    const int hours = number("Z07:00");
    rest_.remove_prefix(1);
    const int minutes = number("Z07:00");
    within("time zone offset minute", minutes, 0, 60);
    // go reads a whole day too, and then cannot write it.
    within("time zone offset hour", hours + minutes / 60, 0, 23);
    if (all[0] != '+' && all[0] != '-') miss_at(all, "Z07:00");
    return (hours * 60 + minutes) * (all[0] == '-' ? -1 : 1);
  }
  void end() {
    if (!rest_.empty()) say(": extra text: " + quote_bytes(rest_));
  }
  // "": none.
  const std::string& problem() const { return problem_; }

 private:
  void miss(std::string_view piece) { miss_at(rest_, piece); }
  void miss_at(std::string_view rest, std::string_view piece) {
    say(fmt::format(R"( as "2006-01-02T15:04:05Z07:00": cannot parse {} as {})", quote_bytes(rest),
                    quote_bytes(piece)));
  }
  void say(std::string_view what) {
    if (problem_.empty()) problem_ = fmt::format("parsing time {}{}", quote_bytes(text_), what);
  }
  std::size_t digits_ahead(std::size_t most) const {
    std::size_t count = 0;
    while (count < rest_.size() && count < most && is_digit(rest_[count])) ++count;
    return count;
  }

  std::string_view text_;
  std::string_view rest_;
  std::string problem_;
};

}  // namespace

Result<Instant> Instant::parse(std::string_view text) {
  using namespace std::chrono;
  TimeReader in(text);
  const int year_number = in.number("2006", 4, 4);
  in.expect('-', "-");
  const int month_number = in.number("01");
  in.within("month", month_number, 1, 12);
  in.expect('-', "-");
  const int day_number = in.number("02");
  in.expect('T', "T");
  const int hour = in.number("15", 1, 2);
  in.within("hour", hour, 0, 23);
  in.expect(':', ":");
  const int minute = in.number("04");
  in.within("minute", minute, 0, 59);
  in.expect(':', ":");
  const int second = in.number("05");
  in.within("second", second, 0, 59);
  Instant out;
  out.nanos = in.fraction();
  out.offset = in.zone();
  in.end();
  const year_month_day date{year{year_number}, month{static_cast<unsigned>(month_number)},
                            day{static_cast<unsigned>(day_number)}};
  if (!date.ok()) in.out_of_range("day");
  if (!in.problem().empty()) return fail(Kind::invalid, in.problem());
  const std::int64_t days = sys_days(date).time_since_epoch().count();
  const std::int64_t minutes = (days * 24 + hour) * 60 + minute - out.offset;
  out.seconds = minutes * 60 + second;
  return out;
}

std::optional<Instant> Instant::of(std::string_view text) {
  const auto parsed = parse(text);
  return parsed ? std::optional(*parsed) : std::nullopt;
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
