// SPDX-License-Identifier: Apache-2.0
#include "cli/go_flag_values.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdint>

#include <fmt/format.h>

#include "base/quoted.hpp"
#include "base/text.hpp"

namespace larder::cli {

namespace {

constexpr std::array<std::string_view, 8> k_build_modes = {"default", "archive", "c-archive", "c-shared",
                                                           "exe",     "shared",  "pie",       "plugin"};
constexpr std::array<std::string_view, 2> k_compilers = {"gc", "gccgo"};
constexpr std::array<std::string_view, 4> k_cover_modes = {"", "set", "count", "atomic"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& all, std::string_view value) {
  return std::find(all.begin(), all.end(), value) != all.end();
}

// Takes the prefix away that tells the base.
int base_of(std::string_view& digits) {
  if (digits.size() < 2 || digits[0] != '0') return 10;
  constexpr std::array<std::pair<char, int>, 3> k_bases = {{{'x', 16}, {'o', 8}, {'b', 2}}};
  for (const auto& [letter, base] : k_bases) {
    if (to_lower_ascii(digits[1]) != letter) continue;
    digits.remove_prefix(2);
    return base;
  }
  digits.remove_prefix(1);
  return 8;
}

// An underscore stands between two digits, or between a prefix and one.
bool good_underscores(std::string_view digits, bool has_prefix) {
  char before = has_prefix ? '0' : '_';
  for (const char c : digits) {
    if (c == '_' && before == '_') return false;
    before = c;
  }
  return before != '_';
}

struct Integer {
  FlagFault fault;
  std::int64_t value = 0;
};

// As Go's strconv.ParseInt with base 0.
Integer parse_integer(std::string_view text) {
  Integer bad{"parse error"};
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  const auto length = text.size();
  const int base = base_of(text);
  if (text.empty() || !good_underscores(text, text.size() != length)) return bad;
  std::string digits(is_negative ? "-" : "");
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits), [](char c) { return c != '_'; });
  const auto is_digit = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  if (!std::all_of(text.begin(), text.end(), is_digit)) return bad;
  Integer out;
  const auto end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, out.value, base);
  if (error == std::errc::result_out_of_range && stopped == end) return {"value out of range"};
  if (error != std::errc() || stopped != end) return bad;
  return out;
}

}  // namespace

FlagFault fault_of_integer(std::string_view value) {
  return parse_integer(value).fault;
}

FlagFault fault_of_compiler(std::string_view value) {
  if (is_one_of(k_compilers, value)) return std::nullopt;
  return "unknown compiler " + quote(value);
}

FlagFault fault_of_cover_mode(std::string_view value) {
  if (is_one_of(k_cover_modes, value)) return std::nullopt;
  return R"(valid modes are "set", "count", or "atomic")";
}

FlagFault fault_of_words(std::string_view value) {
  const auto words = split_quoted(value);
  return words ? std::nullopt : FlagFault(words.error().message());
}

FlagFault fault_of_per_package(std::string_view value) {
  value = trim(value);
  if (value.empty() || value.starts_with('-')) return fault_of_words(value);
  const auto equals = value.find('=');
  if (equals == std::string_view::npos) return "missing =<value> in <pattern>=<value>";
  if (equals == 0) return "missing <pattern> in <pattern>=<value>";
  return fault_of_words(value.substr(equals + 1));
}

FlagFault fault_of_build_mode(std::string_view value) {
  if (is_one_of(k_build_modes, value)) return std::nullopt;
  return fmt::format("buildmode={} not supported", value);
}

FlagFault fault_of_parallel(std::string_view value) {
  const auto number = parse_integer(value).value;
  if (number > 0) return std::nullopt;
  return fmt::format("go: -p must be a positive integer: {}", number);
}

}  // namespace larder::cli
