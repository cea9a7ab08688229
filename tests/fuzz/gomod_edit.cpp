// SPDX-License-Identifier: Apache-2.0
// Edits of go.mod: whatever the file, afterwards it reads back and requires exactly what was wanted. The
// first byte chooses the layout of the requirements, the second one which of the file's own stay.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gomod/edit.hpp"

using namespace larder::gomod;

namespace {

bool is_paren(std::string_view token) {
  return token == "(" || token == ")";
}

bool has_paren(const Line& line) {
  return std::ranges::any_of(line.tokens, is_paren);
}

// A path that is a lone parenthesis: go, which writes it without quotes, may not be able to read its own file
// again.
bool has_paren(const ModFile& file) {
  return std::ranges::any_of(file.syntax.statements, [](const Statement& statement) {
    if (const auto* line = std::get_if<std::unique_ptr<Line>>(&statement)) return has_paren(**line);
    const auto* block = std::get_if<std::unique_ptr<LineBlock>>(&statement);
    return block != nullptr &&
           std::ranges::any_of((*block)->lines, [](const auto& line) { return has_paren(*line); });
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  auto file = parse_mod("go.mod", text);
  if (!file) return 0;
  if (!file->retract.empty() || has_paren(*file)) return 0;  // of retract see gomod_modfile.cpp
  constexpr std::array<RequireLayout, 3> k_layouts = {RequireLayout::mixed, RequireLayout::separate,
                                                      RequireLayout::at_most_two};
  std::map<std::string, Requirement> wanted;
  wanted.emplace("example.com/new", Requirement{{"example.com/new", "v1.0.0"}, (data[0] & 8U) != 0});
  unsigned number = 0;
  for (const auto& require : file->require) {
    const bool stays = ((unsigned{data[1]} >> (number % 8)) & 1U) != 0;
    if (stays) wanted.emplace(require.mod.path, Requirement{{require.mod.path, "v2.0.0"}, number % 2 == 0});
    ++number;
  }
  std::vector<Requirement> list;
  for (const auto& [path, requirement] : wanted) list.push_back(requirement);
  add_replace(*file, {"example.com/new", ""}, {"../new", ""});
  add_godebug(*file, "key", "value");
  (void)set_go(*file, "1.21").has_value();
  set_requirements(*file, list, k_layouts[data[0] % k_layouts.size()]);
  cleanup(*file);
  const auto printed = file->str();
  const auto again = parse_syntax("go.mod", printed);
  if (!again) std::abort();
  if (file->require.size() != wanted.size()) std::abort();
  for (const auto& require : file->require) {
    const auto at = wanted.find(require.mod.path);
    if (at == wanted.end() || require.indirect != at->second.indirect) std::abort();
  }
  return 0;
}
