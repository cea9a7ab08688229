// SPDX-License-Identifier: Apache-2.0
#include "gomod/escape.hpp"

#include <optional>

#include <fmt/format.h>

#include "base/text.hpp"
#include "gomod/check.hpp"
#include "gomod/quoting.hpp"

namespace larder::gomod {

namespace {
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

std::string escape(std::string_view s) {
  std::string out;
  out.reserve(s.size() + 2);
  for (const char c : s) {
    if (is_upper(c)) out += '!';
    out += to_lower_ascii(c);
  }
  return out;
}

std::optional<std::string> unescape(std::string_view s) {
  std::string out;
  out.reserve(s.size());
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (is_upper(s[i])) return std::nullopt;
    if (s[i] != '!') {
      out += s[i];
      continue;
    }
    ++i;
    if (i == s.size() || s[i] < 'a' || s[i] > 'z') return std::nullopt;
    out += static_cast<char>(s[i] - 'a' + 'A');
  }
  return out;
}

Result<std::string> unescape_checked(std::string_view what, std::string_view escaped,
                                     Result<void> (*check)(std::string_view)) {
  auto text = unescape(escaped);
  if (!text) return fail(Kind::invalid, fmt::format("invalid escaped {} {}", what, go_quote(escaped)));
  if (auto ok = check(*text); !ok)
    return fail(Kind::invalid,
                fmt::format("invalid escaped {} {}: {}", what, go_quote(escaped), ok.error().message()));
  return *std::move(text);
}
}  // namespace

Result<std::string> escape_path(std::string_view path) {
  TRY(check_path(path));
  return escape(path);
}

Result<std::string> escape_version(std::string_view version) {
  if (!check_file_element(version) || version.find('!') != std::string_view::npos)
    return fail(Kind::invalid, invalid_version_text(version, "disallowed version string"));
  return escape(version);
}

Result<std::string> unescape_path(std::string_view escaped) {
  return unescape_checked("module path", escaped, check_path);
}

Result<std::string> unescape_version(std::string_view escaped) {
  return unescape_checked("version", escaped, check_file_element);
}

}  // namespace larder::gomod
