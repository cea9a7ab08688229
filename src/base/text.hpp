// SPDX-License-Identifier: Apache-2.0
// Small text helpers that the standard library lacks. ASCII only, no locale.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace larder {

constexpr char to_lower_ascii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
std::string lower_ascii(std::string_view s);

inline constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";  // some editors begin a text with it

// Without leading and trailing ASCII white space (space, \t, \r, \n, \v, \f).
std::string_view trim(std::string_view s);

// All parts between separators, empty ones included: split("a,,b", ',') is {"a", "", "b"}; split("", ',') is
// {""}.
std::vector<std::string_view> split(std::string_view s, char separator);
// Maximal runs of non-white-space.
std::vector<std::string_view> fields(std::string_view s);
// Lines without their "\n"; a last line without "\n" counts, an empty rest does not.
std::vector<std::string_view> lines(std::string_view s);
// {before, after} the first occurrence of separator; nullopt where there is none.
std::optional<std::pair<std::string_view, std::string_view>> cut(std::string_view s,
                                                                 std::string_view separator);

std::string join(const std::vector<std::string>& parts, std::string_view separator);

// Decimal digits only, no sign; nullopt when empty, not a number, or above the limit.
std::optional<std::uint64_t> parse_uint(std::string_view s, std::uint64_t limit = UINT64_MAX);
// The same, without leading zeros: each number has one spelling.
std::optional<std::uint64_t> parse_canonical_uint(std::string_view s, std::uint64_t limit = UINT64_MAX);

bool valid_utf8(std::string_view s);

// As Go's strconv.Quote: double quotes, \n \t \" \\ \xNN \uNNNN for what is not printable.
std::string quote(std::string_view s);

// The candidate closest to `word` (edit distance at most 2 or a third of its length), for "did you
// mean".
std::optional<std::string> closest(std::string_view word, const std::vector<std::string>& candidates);

// 1536 -> "1.5 KB" (powers of 1000, one decimal from KB up).
std::string human_bytes(std::uint64_t bytes);

}  // namespace larder
