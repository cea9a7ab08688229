// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>

#include <fmt/format.h>

namespace larder {

namespace {
constexpr std::string_view k_space = " \t\r\n\v\f";

// Length of the UTF-8 sequence at s[i], 0 if it is not well formed (RFC 3629: no surrogates, no overlong
// forms).
std::size_t utf8_length(std::string_view s, std::size_t i) {
  auto byte = [&](std::size_t k) { return k < s.size() ? static_cast<unsigned char>(s[k]) : 0U; };
  auto tail = [&](std::size_t k) { return (byte(k) & 0xC0U) == 0x80U; };
  const unsigned b = byte(i);
  if (b < 0x80) return 1;
  if (b >= 0xC2 && b <= 0xDF) return tail(i + 1) ? 2 : 0;
  if (b >= 0xE0 && b <= 0xEF) {
    const unsigned lo = b == 0xE0 ? 0xA0 : 0x80;
    const unsigned hi = b == 0xED ? 0x9F : 0xBF;
    return byte(i + 1) >= lo && byte(i + 1) <= hi && tail(i + 2) ? 3 : 0;
  }
  if (b >= 0xF0 && b <= 0xF4) {
    const unsigned lo = b == 0xF0 ? 0x90 : 0x80;
    const unsigned hi = b == 0xF4 ? 0x8F : 0xBF;
    return byte(i + 1) >= lo && byte(i + 1) <= hi && tail(i + 2) && tail(i + 3) ? 4 : 0;
  }
  return 0;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row[b.size()];
}
}  // namespace

std::string lower_ascii(std::string_view s) {
  std::string out(s);
  std::transform(out.begin(), out.end(), out.begin(), to_lower_ascii);
  return out;
}

std::string_view trim(std::string_view s) {
  const auto first = s.find_first_not_of(k_space);
  if (first == std::string_view::npos) return {};
  return s.substr(first, s.find_last_not_of(k_space) - first + 1);
}

std::vector<std::string_view> split(std::string_view s, char separator) {
  std::vector<std::string_view> out;
  for (;;) {
    const auto at = s.find(separator);
    out.push_back(s.substr(0, at));
    if (at == std::string_view::npos) return out;
    s.remove_prefix(at + 1);
  }
}

std::vector<std::string_view> fields(std::string_view s) {
  std::vector<std::string_view> out;
  for (auto start = s.find_first_not_of(k_space); start != std::string_view::npos;) {
    const auto end = std::min(s.find_first_of(k_space, start), s.size());
    out.push_back(s.substr(start, end - start));
    start = s.find_first_not_of(k_space, end);
  }
  return out;
}

std::vector<std::string_view> lines(std::string_view s) {
  std::vector<std::string_view> out;
  while (!s.empty()) {
    const auto end = s.find('\n');
    out.push_back(s.substr(0, end));
    if (end == std::string_view::npos) break;
    s.remove_prefix(end + 1);
  }
  return out;
}

std::optional<std::pair<std::string_view, std::string_view>> cut(std::string_view s,
                                                                 std::string_view separator) {
  const auto at = s.find(separator);
  if (at == std::string_view::npos) return std::nullopt;
  return std::pair{s.substr(0, at), s.substr(at + separator.size())};
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

std::optional<std::uint64_t> parse_uint(std::string_view s, std::uint64_t limit) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (s.empty() || error != std::errc{} || end != s.data() + s.size() || value > limit) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> parse_canonical_uint(std::string_view s, std::uint64_t limit) {
  if (s.size() > 1 && s.front() == '0') return std::nullopt;
  return parse_uint(s, limit);
}

bool valid_utf8(std::string_view s) {
  for (std::size_t i = 0; i < s.size();) {
    const auto length = utf8_length(s, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

std::string quote(std::string_view s) {
  constexpr std::array<std::pair<char, std::string_view>, 9> k_escapes = {{{'"', "\\\""},
                                                                           {'\\', "\\\\"},
                                                                           {'\n', "\\n"},
                                                                           {'\t', "\\t"},
                                                                           {'\r', "\\r"},
                                                                           {'\a', "\\a"},
                                                                           {'\b', "\\b"},
                                                                           {'\f', "\\f"},
                                                                           {'\v', "\\v"}}};
  std::string out = "\"";
  for (std::size_t i = 0; i < s.size();) {
    const auto length = utf8_length(s, i);
    const auto* escape =
        std::find_if(k_escapes.begin(), k_escapes.end(), [&](const auto& e) { return e.first == s[i]; });
    const auto byte = static_cast<unsigned char>(s[i]);
    if (escape != k_escapes.end()) {
      out += escape->second;
    } else if (length == 0 || byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\x{:02x}", byte);
    } else if (s.substr(i, length) == k_byte_order_mark) {
      out += "\\ufeff";
    } else {
      out += s.substr(i, length);
    }
    i += std::max<std::size_t>(length, 1);
  }
  return out + "\"";
}

std::optional<std::string> closest(std::string_view word, const std::vector<std::string>& candidates) {
  std::size_t best = std::min(word.size(), std::max<std::size_t>(2, word.size() / 3) + 1);
  std::optional<std::string> found;
  for (const auto& candidate : candidates) {
    if (const auto distance = edit_distance(word, candidate); distance < best) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

std::string human_bytes(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 5> k_units = {"B", "KB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1000 && unit + 1 < k_units.size(); ++unit) value /= 1000;
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, k_units[unit]);
}

}  // namespace larder
