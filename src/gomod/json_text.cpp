// SPDX-License-Identifier: Apache-2.0
#include "gomod/json_text.hpp"

#include <array>

#include <fmt/format.h>

#include "gomod/unicode.hpp"

namespace larder::gomod {

namespace {

// Bytes that stand for themselves.
constexpr auto k_unescaped = [] {
  std::array<bool, 256> out{};
  for (std::size_t c = 0x20; c < 0x80; ++c) out.at(c) = true;
  for (const char c : {'"', '\\', '<', '>', '&'}) out.at(static_cast<unsigned char>(c)) = false;
  return out;
}();

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
  constexpr std::string_view k_short = "\"\\\b\f\n\r\t";
  constexpr std::string_view k_letters = "\"\\bfnrt";
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    auto end = i;
    while (end < text.size() && k_unescaped[static_cast<unsigned char>(text[end])]) ++end;
    out += text.substr(i, end - i);
    i = end;
    if (i == text.size()) break;
    const char c = text[i];
    if (static_cast<unsigned char>(c) >= 0x80) {
      const auto rune = decode_rune(text, i);
      const bool is_bad = rune.value == k_bad_rune && rune.size == 1;
      if (is_bad || rune.value == 0x2028 || rune.value == 0x2029) {
        out += fmt::format("\\u{:04x}", static_cast<unsigned>(rune.value));
      } else {
        out += text.substr(i, rune.size);
      }
      i += rune.size;
      continue;
    }
    if (const auto at = k_short.find(c); at != std::string_view::npos) {
      out += {'\\', k_letters[at]};
    } else {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    }
    ++i;
  }
  out += '"';
}

}  // namespace larder::gomod
