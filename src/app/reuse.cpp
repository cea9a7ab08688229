// SPDX-License-Identifier: Apache-2.0
#include "app/reuse.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace larder::app {

namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 9> k_texts = {"Path",      "Version",    "Query", "Dir",     "GoMod",
                                                     "GoVersion", "Deprecated", "Sum",   "GoModSum"};

// The end of the value that text begins with: behind the bracket that closes the first one; what is no object
// or array ends with the line.
std::size_t end_of_value(std::string_view text) {
  if (text[0] != '{' && text[0] != '[') return std::min(text.find_first_of(" \t\r\n{["), text.size());
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      quoted = c != '"';
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return text.size();
}

Result<void> check_module(const Json& value) {
  if (value.is_discarded()) return fail(Kind::invalid, "not JSON");
  if (value.is_null()) return {};
  if (!value.is_object())
    return fail(Kind::invalid, fmt::format("{} in place of a module", value.type_name()));
  for (const auto& [name, field] : value.items()) {
    const bool is_text = std::find(k_texts.begin(), k_texts.end(), name) != k_texts.end();
    if (is_text && !field.is_string() && !field.is_null())
      return fail(Kind::invalid, fmt::format("{}: {} in place of a string", name, field.type_name()));
  }
  return {};
}

}  // namespace

Result<void> check_reuse(const std::string& file, std::string_view text) {
  constexpr std::string_view k_space = " \t\r\n";
  for (auto begin = text.find_first_not_of(k_space); begin != std::string_view::npos;
       begin = text.find_first_not_of(k_space)) {
    text.remove_prefix(begin);
    const auto end = end_of_value(text);
    TRY(check_module(Json::parse(text.substr(0, end), nullptr, false)).context("parsing " + file));
    text.remove_prefix(end);
  }
  return {};
}

}  // namespace larder::app
