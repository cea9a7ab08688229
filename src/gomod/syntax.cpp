// SPDX-License-Identifier: Apache-2.0
// The parser. An end-of-line comment belongs to the last thing closed before it that stands on one line: the
// parser remembers that thing in last_ and attaches comments as they come.
#include "gomod/syntax.hpp"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "gomod/lexer.hpp"

namespace larder::gomod {

namespace {
class Parser {
 public:
  Parser(FileSyntax& file, std::string_view text, std::size_t max_tokens)
      : file_(file), lexer_(text, max_tokens) {
    take();
  }

  Result<void> run();

 private:
  using Kind = Token::Kind;

  // The token looked at, and on to the next one. Error places are where the lexer stands: after the latter.
  Token take() { return std::exchange(token_, lexer_.next()); }
  void end_line();
  void statement(Comments& comments);
  template <class Node>
  Node& append(Node node);
  void block(LineBlock head);
  void close_block(LineBlock& block, std::vector<Comment> pending);
  std::unique_ptr<Line> block_line();

  FileSyntax& file_;
  Lexer lexer_;
  Token token_;
  Comments* last_ = nullptr;  // null: nothing closed yet
};

Comment comment(const Token& token) {
  return {token.text, token.start};
}

bool is_blank(const Comment& c) {
  return c.text.empty();
}

Result<void> Parser::run() {
  Comments group;
  Position group_start;
  const auto flush = [&] {
    if (group.before.empty()) return;
    append(CommentBlock{std::exchange(group, {}), group_start});
  };
  while (token_.kind != Kind::end) {
    if (token_.kind == Kind::newline) {
      take();
      flush();
    } else if (token_.kind == Kind::line_comment) {
      if (group.before.empty()) group_start = token_.start;
      group.before.push_back(comment(take()));
    } else {
      statement(group);
    }
  }
  flush();
  if (!lexer_.error()) return {};
  return fail(larder::Kind::invalid, error_text(file_.name, lexer_.error_at(), *lexer_.error()));
}

template <class Node>
Node& Parser::append(Node node) {
  auto owned = std::make_unique<Node>(std::move(node));
  auto& at = *owned;
  file_.statements.emplace_back(std::move(owned));
  return at;
}

// Takes the token that ends a line; a comment goes to what was closed last.
void Parser::end_line() {
  const auto token = take();
  if (token.kind != Kind::suffix_comment) return;
  (last_ != nullptr ? last_->suffix : file_.comments.before).push_back(comment(token));
}

// A line, or a block; `comments` are those before it, and are used up.
void Parser::statement(Comments& comments) {
  const auto first = take();
  std::vector<std::string_view> tokens{first.text};
  auto end = first.end;
  while (!token_.ends_line()) {
    const auto token = take();
    if (token.kind == Kind::open && token_.ends_line()) {
      LineBlock head{std::exchange(comments, {}), std::move(tokens), {}, {{}, token.start}, {}, first.start};
      return block(std::move(head));
    }
    if (token.kind == Kind::open && token_.kind == Kind::close) {
      const auto close = take();
      if (token_.ends_line()) {
        auto& empty = append(LineBlock{std::exchange(comments, {}),
                                       std::move(tokens),
                                       {},
                                       {{}, token.start},
                                       {{}, close.start},
                                       first.start});
        last_ = first.start.line == close.start.line ? &empty.comments : &empty.close.comments;
        return end_line();
      }
      tokens.insert(tokens.end(), {token.text, close.text});
      continue;
    }
    tokens.push_back(token.text);
    if (token.kind != Kind::open) end = token.end;
  }
  auto& line = append(Line{std::exchange(comments, {}), std::move(tokens), false, first.start, end});
  if (first.start.line == end.line) last_ = &line.comments;
  end_line();
}

void Parser::block(LineBlock head) {
  auto& block = append(std::move(head));
  last_ = &block.open.comments;
  std::vector<Comment> pending;  // comments and blank lines before the next line
  for (;;) {
    switch (token_.kind) {
      case Kind::suffix_comment:
        end_line();
        break;
      case Kind::newline:
        take();
        if (pending.empty() ? !block.lines.empty() : !is_blank(pending.back())) pending.emplace_back();
        break;
      case Kind::line_comment:
        pending.push_back(comment(take()));
        break;
      case Kind::end:
        return lexer_.fail(fmt::format("syntax error (unterminated block started at {}:{}:{})", file_.name,
                                       block.start.line, block.start.column));
      case Kind::close:
        return close_block(block, std::move(pending));
      default:
        block.lines.push_back(block_line());
        block.lines.back()->comments.before = std::exchange(pending, {});
        // The comment at the end of the line is taken here: before, the line had no address to attach it to.
        end_line();
    }
  }
}

void Parser::close_block(LineBlock& block, std::vector<Comment> pending) {
  if (pending.size() == 1 && is_blank(pending[0])) pending.clear();
  block.close.comments.before = std::move(pending);
  block.close.at = take().start;
  last_ = &block.close.comments;
  if (!token_.ends_line()) return lexer_.fail("syntax error (expected newline after closing paren)");
  end_line();
}

// All tokens up to the end of the line, which is left to the caller.
std::unique_ptr<Line> Parser::block_line() {
  auto line = std::make_unique<Line>();
  line->in_block = true;
  line->start = token_.start;
  while (!token_.ends_line()) {
    line->tokens.push_back(token_.text);
    line->end = take().end;
  }
  if (line->start.line == line->end.line) last_ = &line->comments;
  return line;
}
}  // namespace

std::string error_text(std::string_view file, Position at, std::string_view message) {
  if (at.column > 1) return fmt::format("{}:{}:{}: {}", file, at.line, at.column, message);
  if (at.line > 0) return fmt::format("{}:{}: {}", file, at.line, message);
  return fmt::format("{}: {}", file, message);
}

Result<FileSyntax> parse_syntax(std::string_view name, std::string_view text, std::size_t max_tokens) {
  FileSyntax file;
  file.name = name;
  if (text.size() > k_max_mod_file)
    return fail(Kind::invalid,
                fmt::format("{}: file too large (max size is {} bytes)", name, k_max_mod_file));
  TRY(Parser(file, file.keep(text), max_tokens).run());
  return file;
}

}  // namespace larder::gomod
