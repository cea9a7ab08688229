// SPDX-License-Identifier: Apache-2.0
// Where lines go in the tree of go.mod and go.work, whatever they say. Internal to gomod: used by edit*.cpp.
// Invariants: a Line keeps its address through all of this, also when its block becomes a line or the other
// way round. A line without tokens is dead: it takes part in nothing but waits for cleanup_tree.
// Thread rule: as FileSyntax. Spec: go-resolution.md 1.5.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "gomod/modfile.hpp"
#include "gomod/syntax.hpp"

namespace larder::gomod {

using Tokens = std::vector<std::string>;  // with the keyword first

// The statement as what it is, or null.
Line* as_line(Statement& statement);
LineBlock* as_block(Statement& statement);
// "require" for a line or a block of it; "" for comments and dead lines.
std::string_view keyword(const Statement& statement);

// A new line after `hint`: a line of the same keyword becomes a block with the new line, and a line in such a
// block gets it right behind; after another keyword the new line is a statement of its own. Without a hint
// the last statement of the keyword is the hint; without that the new line is the last statement.
Line* add_line(FileSyntax& file, const Line* hint, const Tokens& tokens);
// As add_line where there is a hint; else always the last statement, also where others of the keyword exist:
// that is how go adds the first replace or exclude of a path.
Line* add_line_beside(FileSyntax& file, const Line* hint, const Tokens& tokens);
// A new statement at a place from 0 to their number.
Line* insert_line(FileSyntax& file, std::size_t at, const Tokens& tokens);
LineBlock* insert_block(FileSyntax& file, std::size_t at, std::string_view keyword);
// The statement as a block: a line becomes the only line of one.
LineBlock* make_block(Statement& statement);
// The last statement of the keyword as a block, else a new block at the end.
LineBlock* last_block(FileSyntax& file, std::string_view keyword);

void set_tokens(FileSyntax& file, Line& line, const Tokens& tokens);
void kill(Line& line);  // with the comment at its end

std::string_view keep_quoted(FileSyntax& file, std::string_view token);  // as auto_quote

using LineSet = std::unordered_set<const Line*>;
// Takes lines out of the tree for good; blocks without lines go, too.
void erase_lines(FileSyntax& file, const LineSet& lines);
using LineOrder = int (*)(const Line& a, const Line& b);  // <0, 0, >0
int by_tokens(const Line& a, const Line& b);
void sort_block(LineBlock& block, LineOrder order);
void cleanup_tree(FileSyntax& file);

// ---- What go.mod and go.work have in common ----
void set_or_add_godebug(FileSyntax& file, std::vector<Godebug>& list, std::string_view key,
                        std::string_view value);
void set_or_add_replace(FileSyntax& file, std::vector<Replace>& list, const Module& from, const Module& to);
// The last replace of each left side stays; the others go from the list, and their lines to `dead`.
void drop_earlier_replaces(std::vector<Replace>& list, LineSet& dead);

// Kills the lines of those entries that match, and erases the entries.
template <class Entry, class Matches>
void drop_if(std::vector<Entry>& list, const Matches& matches) {
  std::erase_if(list, [&](const Entry& entry) {
    if (!matches(entry)) return false;
    kill(*entry.line);
    return true;
  });
}

template <class Entry>
void drop_line(std::optional<Entry>& entry) {
  if (entry) kill(*entry->line);
  entry.reset();
}

// The first entry of a kind stays; the lines of the others go to `dead`, and they go from the list.
template <class Entry, class Key>
void drop_later(std::vector<Entry>& list, const Key& key, LineSet& dead) {
  std::unordered_set<std::string> seen;
  LineSet later;
  for (const auto& entry : list)
    if (!seen.insert(key(entry)).second) later.insert(entry.line);
  std::erase_if(list, [&](const Entry& entry) { return later.contains(entry.line); });
  dead.merge(later);
}

}  // namespace larder::gomod
