// SPDX-License-Identifier: Apache-2.0
#include "gomod/quoting.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "gomod/unicode.hpp"

namespace larder::gomod {

namespace {
constexpr std::array<std::pair<char, char>, 8> k_named_escapes = {{{'a', '\a'},
                                                                   {'b', '\b'},
                                                                   {'f', '\f'},
                                                                   {'n', '\n'},
                                                                   {'r', '\r'},
                                                                   {'t', '\t'},
                                                                   {'v', '\v'},
                                                                   {'\\', '\\'}}};

// Escapes that spell a number: letter, digits, base, and whether the value is a code point or one byte.
struct NumberEscape {
  char letter;
  std::size_t digits;
  bool rune;
};
constexpr std::array<NumberEscape, 3> k_hex_escapes = {{{'x', 2, false}, {'u', 4, true}, {'U', 8, true}}};

void quote_rune(std::string& out, char32_t r, char quote) {
  const auto* named = std::find_if(k_named_escapes.begin(), k_named_escapes.end(),
                                   [&](auto e) { return static_cast<unsigned char>(e.second) == r; });
  if (r == static_cast<unsigned char>(quote)) {
    out += '\\';
    out += quote;
  } else if (named != k_named_escapes.end()) {
    out += '\\';
    out += named->first;
  } else if (is_print(r)) {
    append_rune(out, r);
  } else if (r < 0x20 || r == 0x7F) {
    out += fmt::format("\\x{:02x}", static_cast<std::uint32_t>(r));
  } else {
    out += fmt::format(fmt::runtime(r < 0x10000 ? "\\u{:04x}" : "\\U{:08x}"), static_cast<std::uint32_t>(r));
  }
}

std::optional<std::uint32_t> number(std::string_view digits, unsigned base) {
  std::uint32_t value = 0;
  for (const char c : digits) {
    const unsigned digit = c >= '0' && c <= '9'   ? static_cast<unsigned>(c - '0')
                           : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a') + 10
                           : c >= 'A' && c <= 'F' ? static_cast<unsigned>(c - 'A') + 10
                                                  : 99;
    if (digit >= base) return std::nullopt;
    value = value * base + digit;
  }
  return value;
}

// Appends what the escape at s[0] (after the backslash) stands for; returns its length, 0 when malformed.
std::size_t unescape(std::string_view s, char quote, std::string& out) {
  if (s.empty()) return 0;
  if (s[0] == quote) return out += quote, 1;
  for (const auto& [letter, value] : k_named_escapes)
    if (s[0] == letter) return out += value, 1;
  NumberEscape form{s[0], 0, false};
  for (const auto& e : k_hex_escapes)
    if (s[0] == e.letter) form = e;
  const bool octal = form.digits == 0;
  if (octal && (s[0] < '0' || s[0] > '7')) return 0;
  const std::size_t start = octal ? 0 : 1;
  const std::size_t digits = octal ? 3 : form.digits;
  if (s.size() < start + digits) return 0;
  const auto value = number(s.substr(start, digits), octal ? 8 : 16);
  if (!value || (!form.rune && *value > 0xFF)) return 0;
  if (form.rune) {
    if (*value > 0x10FFFF || (*value >= 0xD800 && *value <= 0xDFFF)) return 0;
    append_rune(out, *value);
  } else {
    out += static_cast<char>(static_cast<unsigned char>(*value));
  }
  return start + digits;
}

std::optional<std::string> unquote_escaped(std::string_view body, char quote) {
  std::string out;
  std::size_t count = 0;
  for (std::size_t i = 0; i < body.size(); ++count) {
    if (body[i] == quote || body[i] == '\n') return std::nullopt;
    if (body[i] == '\\') {
      const auto length = unescape(body.substr(i + 1), quote, out);
      if (length == 0) return std::nullopt;
      i += 1 + length;
    } else {
      const auto rune = decode_rune(body, i);
      append_rune(out, rune.value);
      i += rune.size;
    }
  }
  if (quote == '\'' && count != 1) return std::nullopt;
  return out;
}

std::optional<std::string> unquote_raw(std::string_view body) {
  if (body.find('`') != std::string_view::npos) return std::nullopt;
  std::string out(body);
  std::erase(out, '\r');
  return out;
}

bool needs_quotes(char32_t r, bool alone) {
  constexpr std::u32string_view k_always = U" \"'`";
  constexpr std::u32string_view k_among_others = U"()[]{},";
  if (k_among_others.find(r) != std::u32string_view::npos) return !alone;
  return k_always.find(r) != std::u32string_view::npos || !is_print(r);
}
}  // namespace

std::string go_quote(std::string_view s) {
  std::string out = "\"";
  for (std::size_t i = 0; i < s.size();) {
    const auto rune = decode_rune(s, i);
    if (rune.value == k_bad_rune && rune.size == 1) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(s[i]));
    } else {
      quote_rune(out, rune.value, '"');
    }
    i += rune.size;
  }
  return out + "\"";
}

std::string go_quote_rune(char32_t r) {
  std::string out = "'";
  quote_rune(out, r, '\'');
  return out + "'";
}

std::optional<std::string> unquote(std::string_view literal) {
  if (literal.size() < 2 || literal.front() != literal.back()) return std::nullopt;
  const auto body = literal.substr(1, literal.size() - 2);
  switch (literal.front()) {
    case '`':
      return unquote_raw(body);
    case '"':
    case '\'':
      return unquote_escaped(body, literal.front());
    default:
      return std::nullopt;
  }
}

bool must_quote(std::string_view s) {
  if (s.empty()) return true;
  for (std::size_t i = 0; i < s.size();) {
    const auto rune = decode_rune(s, i);
    if (needs_quotes(rune.value, s.size() == 1)) return true;
    i += rune.size;
  }
  return s.find("//") != std::string_view::npos || s.find("/*") != std::string_view::npos;
}

std::string auto_quote(std::string_view s) {
  return must_quote(s) ? go_quote(s) : std::string(s);
}

}  // namespace larder::gomod
