// SPDX-License-Identifier: Apache-2.0
// The few Unicode questions the formats ask: is it printable, a letter, a space? With the tables of the
// Unicode version that the go command uses, because answers decide what is a valid go.mod or file name.
// Thread rule: pure functions. Spec: go-resolution.md 0.2, 1.1.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace larder::gomod {

bool is_print(char32_t r);   // letters, marks, numbers, punctuation, symbols, and the ASCII space
bool is_letter(char32_t r);  // general category L
bool is_space(char32_t r);

inline constexpr char32_t k_bad_rune = 0xFFFD;

struct Rune {
  char32_t value;    // k_bad_rune where the bytes are not UTF-8
  std::size_t size;  // in bytes; 1 where they are not UTF-8
};
// The code point at s[at]; at < s.size().
Rune decode_rune(std::string_view s, std::size_t at);
// Without leading and trailing is_space code points.
std::string_view trim_space(std::string_view s);
void append_rune(std::string& out, char32_t r);
// The same with U+FFFD for each byte that is no UTF-8, as Go's decoders read it.
std::string as_valid_utf8(std::string_view s);

}  // namespace larder::gomod
