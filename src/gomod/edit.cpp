// SPDX-License-Identifier: Apache-2.0
#include "gomod/edit.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "gomod/check.hpp"
#include "gomod/edit_tree.hpp"
#include "gomod/quoting.hpp"
#include "gomod/semver.hpp"

namespace larder::gomod {

namespace {
// An exclude or retract version: canonical, and of the path's major version.
Result<void> check_edit_version(std::string_view path, std::string_view version) {
  const auto split = split_path_version(path);
  const auto major = split ? split->major : std::string_view();
  if (version.empty() || semver::canonical_version(version) != version) {
    const auto form = major.empty() ? std::string("must be of the form v1.2.3")
                                    : fmt::format("must be of the form {}.2.3", path_major_prefix(major));
    return fail(Kind::invalid, invalid_version_text(version, form));
  }
  if (!split) return {};
  if (auto ok = check_path_major(version, major); !ok) {
    if (!major.empty()) return ok;
    // Whoever writes v2.3.4 here probably means v2.3.4+incompatible.
    const auto advice =
        fmt::format("should be {0}+incompatible (or module {1}/{2})", version, path, semver::major(version));
    return fail(Kind::invalid, invalid_version_text(version, advice));
  }
  return {};
}

int by_exclude(const Line& a, const Line& b) {
  if (a.tokens.size() != 2 || b.tokens.size() != 2) return by_tokens(a, b);
  if (const int order = a.tokens[0].compare(b.tokens[0]); order != 0) return order;
  return semver::compare(a.tokens[1], b.tokens[1]);
}

std::pair<std::string_view, std::string_view> retracted(const Line& line) {
  const auto& t = line.tokens;
  if (t.size() == 1) return {t[0], t[0]};
  if (t.size() == 5 && t[0] == "[" && t[2] == "," && t[4] == "]") return {t[1], t[3]};
  return {};
}

int by_retract(const Line& a, const Line& b) {
  const auto [a_low, a_high] = retracted(a);
  const auto [b_low, b_high] = retracted(b);
  const int order = semver::compare(b_low, a_low);
  return order != 0 ? order : semver::compare(b_high, a_high);
}

// Newest first is how retractions read best; excludes are in order of versions since go 1.21. The go line is
// taken as a semantic version, so that of a release candidate ("1.22rc1") counts as old.
LineOrder order_of(std::string_view keyword, const ModFile& file) {
  if (keyword == "retract") return by_retract;
  const bool by_version = file.go && semver::compare(fmt::format("v{}", file.go->version), "v1.21") >= 0;
  return keyword == "exclude" && by_version ? by_exclude : by_tokens;
}

template <class List>
void add_path(ModFile& file, List& list, std::string_view keyword, std::string_view path) {
  if (std::any_of(list.begin(), list.end(), [&](const auto& each) { return each.path == path; })) return;
  // As it is: go does not quote it either, and what this file's next reader makes of that is his affair.
  auto* line = add_line(file.syntax, nullptr, {std::string(keyword), std::string(path)});
  list.push_back({std::string(path), line});
  sort_blocks(file);
}
// The entry stays, empty: go forgets to clean up these two lists, and mod edit -json shows it.
template <class Entry>
void drop_path(std::vector<Entry>& list, std::string_view path) {
  for (auto& entry : list) {
    if (entry.path != path || entry.line == nullptr) continue;
    kill(*entry.line);
    entry = Entry{"", nullptr};
  }
}
}  // namespace

void set_module(ModFile& file, std::string_view path) {
  const Tokens tokens{"module", auto_quote(path)};
  if (!file.module) {
    file.module = ModuleLine{std::string(path), "", add_line(file.syntax, nullptr, tokens)};
    return;
  }
  file.module->path = path;
  set_tokens(file.syntax, *file.module->line, tokens);
}

Result<void> set_go(ModFile& file, std::string_view version) {
  if (!valid_go_line(version))
    return fail(Kind::invalid, fmt::format("invalid language version {}", go_quote(version)));
  const Tokens tokens{"go", std::string(version)};
  if (!file.go) {
    const auto* hint = file.module ? file.module->line : nullptr;
    file.go = GoLine{tokens[1], add_line(file.syntax, hint, tokens)};
    return {};
  }
  file.go->version = version;
  set_tokens(file.syntax, *file.go->line, tokens);
  return {};
}

Result<void> set_toolchain(ModFile& file, std::string_view name) {
  if (!valid_toolchain_line(name))
    return fail(Kind::invalid, fmt::format("invalid toolchain name {}", go_quote(name)));
  const Tokens tokens{"toolchain", std::string(name)};
  if (!file.toolchain) {
    const Line* hint = nullptr;
    if (file.module) hint = file.module->line;
    if (file.go) hint = file.go->line;
    file.toolchain = ToolchainLine{tokens[1], add_line(file.syntax, hint, tokens)};
    return {};
  }
  file.toolchain->name = name;
  set_tokens(file.syntax, *file.toolchain->line, tokens);
  return {};
}

void drop_go(ModFile& file) {
  drop_line(file.go);
}

void drop_toolchain(ModFile& file) {
  drop_line(file.toolchain);
}

void add_godebug(ModFile& file, std::string_view key, std::string_view value) {
  set_or_add_godebug(file.syntax, file.godebug, key, value);
}

void drop_godebug(ModFile& file, std::string_view key) {
  drop_if(file.godebug, [&](const Godebug& g) { return g.key == key; });
}

void add_replace(ModFile& file, const Module& from, const Module& to) {
  set_or_add_replace(file.syntax, file.replace, from, to);
}

void drop_replace(ModFile& file, const Module& from) {
  drop_if(file.replace, [&](const Replace& r) { return r.from == from; });
}

Result<void> add_exclude(ModFile& file, const Module& mod) {
  TRY(check_edit_version(mod.path, mod.version));
  const Line* hint = nullptr;
  for (const auto& exclude : file.exclude) {
    if (exclude.mod == mod) return {};
    if (exclude.mod.path == mod.path) hint = exclude.line;
  }
  auto* line = add_line_beside(file.syntax, hint, {"exclude", auto_quote(mod.path), mod.version});
  file.exclude.push_back({mod, line});
  return {};
}

void drop_exclude(ModFile& file, const Module& mod) {
  drop_if(file.exclude, [&](const Exclude& e) { return e.mod == mod; });
}

Result<void> add_retract(ModFile& file, std::string_view low, std::string_view high,
                         std::string_view rationale) {
  const auto path = file.module ? std::string_view(file.module->path) : std::string_view();
  TRY(check_edit_version(path, high));
  TRY(check_edit_version(path, low));
  const Tokens tokens = low == high ? Tokens{"retract", auto_quote(low)}
                                    : Tokens{"retract", "[", auto_quote(low), ",", auto_quote(high), "]"};
  auto* line = add_line(file.syntax, nullptr, tokens);
  if (rationale.empty()) return {};
  for (const auto text : split(rationale, '\n'))
    line->comments.before.push_back({file.syntax.keep(fmt::format("// {}", text)), {}});
  return {};
}

void drop_retract(ModFile& file, std::string_view low, std::string_view high) {
  drop_if(file.retract, [&](const Retract& r) { return r.low == low && r.high == high; });
}

void add_tool(ModFile& file, std::string_view path) {
  add_path(file, file.tool, "tool", path);
}

void drop_tool(ModFile& file, std::string_view path) {
  drop_path(file.tool, path);
}

void add_ignore(ModFile& file, std::string_view path) {
  add_path(file, file.ignore, "ignore", path);
}

void drop_ignore(ModFile& file, std::string_view path) {
  drop_path(file.ignore, path);
}

void sort_blocks(ModFile& file) {
  const auto path = [](const auto& entry) { return entry.path; };
  LineSet dead;
  drop_later(
      file.exclude, [](const Exclude& e) { return fmt::format("{}\n{}", e.mod.path, e.mod.version); }, dead);
  drop_earlier_replaces(file.replace, dead);
  drop_later(file.tool, path, dead);
  drop_later(file.ignore, path, dead);
  erase_lines(file.syntax, dead);
  for (auto& statement : file.syntax.statements)
    if (auto* block = as_block(statement)) sort_block(*block, order_of(block->tokens[0], file));
}

void cleanup(ModFile& file) {
  std::erase_if(file.godebug, [](const Godebug& g) { return g.key.empty(); });
  std::erase_if(file.require, [](const Require& r) { return r.mod.path.empty(); });
  std::erase_if(file.exclude, [](const Exclude& e) { return e.mod.path.empty(); });
  std::erase_if(file.replace, [](const Replace& r) { return r.from.path.empty(); });
  std::erase_if(file.retract, [](const Retract& r) { return r.low.empty() && r.high.empty(); });
  cleanup_tree(file.syntax);
}

}  // namespace larder::gomod
