// SPDX-License-Identifier: Apache-2.0
#include "base/quoted.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace larder {

Result<std::vector<std::string_view>> split_quoted(std::string_view text) {
  constexpr std::string_view k_blanks = " \t\r\n";
  std::vector<std::string_view> out;
  for (;;) {
    text.remove_prefix(std::min(text.find_first_not_of(k_blanks), text.size()));
    if (text.empty()) return out;
    const char first = text.front();
    const bool quoted = first == '\'' || first == '"';
    if (quoted) text.remove_prefix(1);
    const auto end = quoted ? text.find(first) : std::min(text.find_first_of(k_blanks), text.size());
    if (end == std::string_view::npos)
      return fail(Kind::invalid, fmt::format("unterminated {} string", first));
    out.push_back(text.substr(0, end));
    text.remove_prefix(end + (quoted ? 1 : 0));
  }
}

}  // namespace larder
