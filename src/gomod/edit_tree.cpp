// SPDX-License-Identifier: Apache-2.0
#include "gomod/edit_tree.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "gomod/quoting.hpp"

namespace larder::gomod {

namespace {
using Lines = std::vector<std::unique_ptr<Line>>;

// Where a hint stands: a statement, and a line in it where that is a block.
struct Place {
  std::size_t statement;
  std::optional<std::size_t> line;
};

std::optional<Place> find(FileSyntax& file, const Line* line) {
  for (std::size_t i = 0; i < file.statements.size(); ++i) {
    if (as_line(file.statements[i]) == line) return Place{i, std::nullopt};
    const auto* block = as_block(file.statements[i]);
    if (block == nullptr) continue;
    const auto& lines = block->lines;
    const auto at =
        std::find_if(lines.begin(), lines.end(), [&](const auto& each) { return each.get() == line; });
    if (at != lines.end()) return Place{i, static_cast<std::size_t>(at - lines.begin())};
  }
  return std::nullopt;
}

std::optional<Place> find_last(const FileSyntax& file, std::string_view word) {
  for (auto i = file.statements.size(); i-- > 0;)
    if (keyword(file.statements[i]) == word) return Place{i, std::nullopt};
  return std::nullopt;
}

template <class Node>
Node* insert(FileSyntax& file, std::size_t at, Node node) {
  auto owned = std::make_unique<Node>(std::move(node));
  auto* raw = owned.get();
  file.statements.insert(file.statements.begin() + static_cast<std::ptrdiff_t>(at), std::move(owned));
  return raw;
}

std::vector<std::string_view> keep_all(FileSyntax& file, const Tokens& tokens, std::size_t from) {
  std::vector<std::string_view> out;
  out.reserve(tokens.size() - from);
  for (auto i = from; i < tokens.size(); ++i) out.push_back(file.keep(tokens[i]));
  return out;
}

void append(std::vector<Comment>& to, const std::vector<Comment>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

// The only line of a block as a statement of its own.
std::unique_ptr<Line> only_line(LineBlock& block) {
  auto line = std::move(block.lines.front());
  line->in_block = false;
  line->tokens.insert(line->tokens.begin(), block.tokens.begin(), block.tokens.end());
  auto before = std::move(block.comments.before);
  append(before, line->comments.before);
  line->comments.before = std::move(before);
  append(line->comments.suffix, block.comments.suffix);
  return line;
}

// Drops blocks without lines, and the single lines that `dead` says.
template <class Dead>
void erase_empty(FileSyntax& file, const Dead& dead) {
  std::erase_if(file.statements, [&](const Statement& statement) {
    if (const auto* line = std::get_if<std::unique_ptr<Line>>(&statement)) return dead(*line);
    const auto* block = std::get_if<std::unique_ptr<LineBlock>>(&statement);
    return block != nullptr && (*block)->lines.empty();
  });
}
}  // namespace

Line* as_line(Statement& statement) {
  auto* line = std::get_if<std::unique_ptr<Line>>(&statement);
  return line == nullptr ? nullptr : line->get();
}

LineBlock* as_block(Statement& statement) {
  auto* block = std::get_if<std::unique_ptr<LineBlock>>(&statement);
  return block == nullptr ? nullptr : block->get();
}

std::string_view keyword(const Statement& statement) {
  if (const auto* line = std::get_if<std::unique_ptr<Line>>(&statement))
    return (*line)->tokens.empty() ? std::string_view() : (*line)->tokens[0];
  if (const auto* block = std::get_if<std::unique_ptr<LineBlock>>(&statement)) return (*block)->tokens[0];
  return {};
}

Line* insert_line(FileSyntax& file, std::size_t at, const Tokens& tokens) {
  Line line;
  line.tokens = keep_all(file, tokens, 0);
  return insert(file, at, std::move(line));
}

LineBlock* insert_block(FileSyntax& file, std::size_t at, std::string_view keyword) {
  LineBlock block;
  block.tokens.push_back(file.keep(keyword));
  return insert(file, at, std::move(block));
}

LineBlock* make_block(Statement& statement) {
  if (auto* block = as_block(statement)) return block;
  auto line = std::move(std::get<std::unique_ptr<Line>>(statement));
  auto block = std::make_unique<LineBlock>();
  block->tokens.push_back(line->tokens[0]);
  line->tokens.erase(line->tokens.begin());
  line->in_block = true;
  block->lines.push_back(std::move(line));
  auto* raw = block.get();
  statement = std::move(block);
  return raw;
}

LineBlock* last_block(FileSyntax& file, std::string_view keyword) {
  const auto place = find_last(file, keyword);
  if (!place) return insert_block(file, file.statements.size(), keyword);
  return make_block(file.statements[place->statement]);
}

Line* add_line(FileSyntax& file, const Line* hint, const Tokens& tokens) {
  const auto place = hint != nullptr ? find(file, hint) : find_last(file, tokens[0]);
  if (!place) return insert_line(file, file.statements.size(), tokens);
  auto& statement = file.statements[place->statement];
  if (keyword(statement) != tokens[0]) return insert_line(file, place->statement + 1, tokens);
  auto& lines = make_block(statement)->lines;
  auto line = std::make_unique<Line>();
  line->in_block = true;
  line->tokens = keep_all(file, tokens, 1);
  const auto at = place->line ? *place->line + 1 : lines.size();
  return lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), std::move(line))->get();
}

Line* add_line_beside(FileSyntax& file, const Line* hint, const Tokens& tokens) {
  return hint != nullptr ? add_line(file, hint, tokens) : insert_line(file, file.statements.size(), tokens);
}

void set_tokens(FileSyntax& file, Line& line, const Tokens& tokens) {
  line.tokens = keep_all(file, tokens, line.in_block ? 1 : 0);
}

void kill(Line& line) {
  line.tokens.clear();
  line.comments.suffix.clear();
}

std::string_view keep_quoted(FileSyntax& file, std::string_view token) {
  return file.keep(auto_quote(token));
}

void erase_lines(FileSyntax& file, const LineSet& lines) {
  const auto chosen = [&](const std::unique_ptr<Line>& line) { return lines.contains(line.get()); };
  for (auto& statement : file.statements)
    if (auto* block = as_block(statement); block != nullptr && !lines.empty())
      std::erase_if(block->lines, chosen);
  erase_empty(file, chosen);
}

int by_tokens(const Line& a, const Line& b) {
  const auto common = std::min(a.tokens.size(), b.tokens.size());
  for (std::size_t i = 0; i < common; ++i)
    if (const int order = a.tokens[i].compare(b.tokens[i]); order != 0) return order;
  if (a.tokens.size() == b.tokens.size()) return 0;
  return a.tokens.size() < b.tokens.size() ? -1 : 1;
}

// Stable, by the old place as last key: clang refuses libstdc++'s std::stable_sort for a deprecated function.
void sort_block(LineBlock& block, LineOrder order) {
  using Placed = std::pair<std::unique_ptr<Line>, std::size_t>;
  std::vector<Placed> lines;
  lines.reserve(block.lines.size());
  for (auto& line : block.lines) lines.emplace_back(std::move(line), lines.size());
  std::sort(lines.begin(), lines.end(), [&](const Placed& a, const Placed& b) {
    const int compared = order(*a.first, *b.first);
    return compared != 0 ? compared < 0 : a.second < b.second;
  });
  for (std::size_t i = 0; i < lines.size(); ++i) block.lines[i] = std::move(lines[i].first);
}

void cleanup_tree(FileSyntax& file) {
  const auto dead = [](const std::unique_ptr<Line>& line) { return line->tokens.empty(); };
  for (auto& statement : file.statements) {
    auto* block = as_block(statement);
    if (block == nullptr) continue;
    std::erase_if(block->lines, dead);
    if (block->lines.size() == 1 && block->close.comments.before.empty()) statement = only_line(*block);
  }
  erase_empty(file, dead);
}

void set_or_add_godebug(FileSyntax& file, std::vector<Godebug>& list, std::string_view key,
                        std::string_view value) {
  const Tokens tokens{"godebug", fmt::format("{}={}", key, value)};
  const auto first = std::find_if(list.begin(), list.end(), [&](const Godebug& g) { return g.key == key; });
  if (first == list.end()) {
    list.push_back({std::string(key), std::string(value), add_line(file, nullptr, tokens)});
    return;
  }
  first->value = value;
  const auto* kept = first->line;
  set_tokens(file, *first->line, tokens);
  drop_if(list, [&](const Godebug& g) { return g.key == key && g.line != kept; });
}

void set_or_add_replace(FileSyntax& file, std::vector<Replace>& list, const Module& from, const Module& to) {
  Tokens tokens{"replace", auto_quote(from.path)};
  if (!from.version.empty()) tokens.push_back(from.version);
  tokens.insert(tokens.end(), {"=>", auto_quote(to.path)});
  if (!to.version.empty()) tokens.push_back(to.version);

  const auto matches = [&](const Replace& r) {
    return r.from.path == from.path && (from.version.empty() || r.from.version == from.version);
  };
  const auto first = std::find_if(list.begin(), list.end(), matches);
  if (first != list.end()) {
    // The left side of the entry stays as it was (as in go), though that of the line may lose its version.
    first->to = to;
    const auto* kept = first->line;
    set_tokens(file, *first->line, tokens);
    drop_if(list, [&](const Replace& r) { return matches(r) && r.line != kept; });
    return;
  }
  const auto last =
      std::find_if(list.rbegin(), list.rend(), [&](const Replace& r) { return r.from.path == from.path; });
  const auto* hint = last == list.rend() ? nullptr : last->line;
  list.push_back({from, to, add_line_beside(file, hint, tokens)});
}

void drop_earlier_replaces(std::vector<Replace>& list, LineSet& dead) {
  std::reverse(list.begin(), list.end());
  drop_later(list, [](const Replace& r) { return fmt::format("{}\n{}", r.from.path, r.from.version); }, dead);
  std::reverse(list.begin(), list.end());
}

}  // namespace larder::gomod
