// SPDX-License-Identifier: Apache-2.0
// Edits of go.work.
#include <algorithm>
#include <string>
#include <variant>

#include <fmt/format.h>

#include "gomod/edit.hpp"
#include "gomod/edit_tree.hpp"
#include "gomod/quoting.hpp"

namespace larder::gomod {

namespace {
// Below the comments that open the file.
std::size_t first_directive(const FileSyntax& file) {
  const auto at = std::find_if_not(file.statements.begin(), file.statements.end(), [](const auto& statement) {
    return std::holds_alternative<std::unique_ptr<CommentBlock>>(statement);
  });
  return static_cast<std::size_t>(at - file.statements.begin());
}
}  // namespace

Result<void> set_go(WorkFile& file, std::string_view version) {
  if (!valid_go_line(version))
    return fail(Kind::invalid, fmt::format("invalid language version {}", go_quote(version)));
  const Tokens tokens{"go", std::string(version)};
  if (!file.go) {
    file.go = GoLine{tokens[1], insert_line(file.syntax, first_directive(file.syntax), tokens)};
    return {};
  }
  file.go->version = version;
  set_tokens(file.syntax, *file.go->line, tokens);
  return {};
}

Result<void> set_toolchain(WorkFile& file, std::string_view name) {
  if (!valid_toolchain_line(name))
    return fail(Kind::invalid, fmt::format("invalid toolchain name {}", go_quote(name)));
  const Tokens tokens{"toolchain", std::string(name)};
  if (!file.toolchain) {
    const auto& all = file.syntax.statements;
    const auto go = std::find_if(all.begin(), all.end(), [](const auto& s) { return keyword(s) == "go"; });
    const auto at =
        go == all.end() ? first_directive(file.syntax) : static_cast<std::size_t>(go - all.begin()) + 1;
    file.toolchain = ToolchainLine{tokens[1], insert_line(file.syntax, at, tokens)};
    return {};
  }
  file.toolchain->name = name;
  set_tokens(file.syntax, *file.toolchain->line, tokens);
  return {};
}

void drop_go(WorkFile& file) {
  drop_line(file.go);
}

void drop_toolchain(WorkFile& file) {
  drop_line(file.toolchain);
}

void add_godebug(WorkFile& file, std::string_view key, std::string_view value) {
  set_or_add_godebug(file.syntax, file.godebug, key, value);
}

void drop_godebug(WorkFile& file, std::string_view key) {
  drop_if(file.godebug, [&](const Godebug& g) { return g.key == key; });
}

void add_replace(WorkFile& file, const Module& from, const Module& to) {
  set_or_add_replace(file.syntax, file.replace, from, to);
}

void drop_replace(WorkFile& file, const Module& from) {
  drop_if(file.replace, [&](const Replace& r) { return r.from == from; });
}

void add_use(WorkFile& file, std::string_view path) {
  const auto first =
      std::find_if(file.use.begin(), file.use.end(), [&](const Use& u) { return u.path == path; });
  if (first == file.use.end()) return add_new_use(file, path);
  const auto* kept = first->line;
  set_tokens(file.syntax, *first->line, {"use", auto_quote(path)});
  drop_if(file.use, [&](const Use& u) { return u.path == path && u.line != kept; });
}

void add_new_use(WorkFile& file, std::string_view path) {
  file.use.push_back({std::string(path), add_line(file.syntax, nullptr, {"use", auto_quote(path)})});
}

void drop_use(WorkFile& file, std::string_view path) {
  drop_if(file.use, [&](const Use& u) { return u.path == path; });
}

void sort_blocks(WorkFile& file) {
  LineSet dead;
  drop_earlier_replaces(file.replace, dead);
  erase_lines(file.syntax, dead);
  for (auto& statement : file.syntax.statements)
    if (auto* block = as_block(statement)) sort_block(*block, by_tokens);
}

void cleanup(WorkFile& file) {
  std::erase_if(file.use, [](const Use& u) { return u.path.empty(); });
  std::erase_if(file.replace, [](const Replace& r) { return r.from.path.empty(); });
  cleanup_tree(file.syntax);
}

}  // namespace larder::gomod
