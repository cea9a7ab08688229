// SPDX-License-Identifier: Apache-2.0
#include "gomod/escape.hpp"

#include <algorithm>
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

// The escaped form is for file systems that differ in how they fold and compose other letters.
bool is_ascii(std::string_view s) {
  return std::all_of(s.begin(), s.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
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
  if (!is_ascii(s)) return std::nullopt;
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

Failure invalid_escaped(std::string_view what, std::string_view text, std::string_view reason = {}) {
  return fail(Kind::invalid, fmt::format("invalid escaped {} {}{}{}", what, go_quote(text),
                                         reason.empty() ? "" : ": ", reason));
}
}  // namespace

Result<std::string> escape_path(std::string_view path) {
  TRY(check_path(path));
  return escape(path);
}

Result<std::string> escape_version(std::string_view version) {
  if (!check_file_element(version) || !is_ascii(version) || version.find('!') != std::string_view::npos)
    return fail(Kind::invalid, invalid_version_text(version, "disallowed version string"));
  return escape(version);
}

Result<std::string> unescape_path(std::string_view escaped) {
  auto path = unescape(escaped);
  if (!path) return invalid_escaped("module path", escaped);
  if (auto ok = check_path(*path); !ok) return invalid_escaped("module path", escaped, ok.error().message());
  return *std::move(path);
}

Result<std::string> unescape_version(std::string_view escaped) {
  auto version = unescape(escaped);
  if (!version) return invalid_escaped("version", escaped);
  // Here go quotes the text without escapes.
  if (auto ok = check_file_element(*version); !ok)
    return invalid_escaped("version", *version, ok.error().message());
  return *std::move(version);
}

}  // namespace larder::gomod
