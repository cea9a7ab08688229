// SPDX-License-Identifier: Apache-2.0
// The concrete syntax of go.mod and go.work: text <-> tree, comments and positions kept, so that a file can
// be edited and printed as go would print it.
//
// Invariants: nodes are owned by unique_ptr and never move, so typed entries (modfile.hpp) may point at their
// Line; all texts are views into strings owned by the FileSyntax (its source, or keep()). A Line with no
// tokens is removed: printing skips nothing, an edit's cleanup drops it. After parsing, every Line and
// LineBlock has at least one token.
// Thread rule: a value, movable only. Spec: go-resolution.md 1.1, 1.2, 1.4.
#pragma once

#include <cstddef>
#include <cstdint>
#include <forward_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace larder::gomod {

struct Position {
  std::uint32_t line = 0;    // from 1; 0 is "nowhere": made by an edit
  std::uint32_t column = 0;  // in code points, from 1
  std::uint32_t byte = 0;    // from 0
};

struct Comment {
  std::string_view text;  // "// …" without line end; "" is a blank line kept inside a block
  Position start;
};

struct Comments {
  std::vector<Comment> before;  // whole lines before
  std::vector<Comment> suffix;  // at the end of its line
};

struct Line {
  Comments comments;
  std::vector<std::string_view> tokens;  // without the keyword inside a block
  bool in_block = false;
  Position start;
  Position end;
};

struct Paren {
  Comments comments;  // of "(": suffix; of ")": before and suffix
  Position at;
};

struct LineBlock {
  Comments comments;
  std::vector<std::string_view> tokens;  // what stands before "("
  std::vector<std::unique_ptr<Line>> lines;
  Paren open;
  Paren close;
  Position start;
};

struct CommentBlock {
  Comments comments;  // before only
  Position start;
};

using Statement =
    std::variant<std::unique_ptr<CommentBlock>, std::unique_ptr<Line>, std::unique_ptr<LineBlock>>;

struct FileSyntax {
  std::string name;  // as shown in errors
  Comments comments;
  std::vector<Statement> statements;

  // A copy of s that lives as long as the tree.
  std::string_view keep(std::string_view s) { return texts_.emplace_front(s); }

 private:
  std::forward_list<std::string> texts_;  // never moved, whatever happens to the tree
};

// Limits on a file: go's own for a go.mod in a module zip, and one on tokens, line ends and comments
// together, so that the tree of a dependency's takes at most some 150 MB (the largest real files have some
// thousands). Of files of one's own as many are read as 16 MiB of requirements have.
inline constexpr std::size_t k_max_mod_file = 16U << 20U;
inline constexpr std::size_t k_max_mod_tokens = 1U << 20U;
inline constexpr std::size_t k_max_own_tokens = 4U << 20U;

// One error in a file, printed as go does: "FILE:LINE: MSG", with ":COL" where the column is not 1.
std::string error_text(std::string_view file, Position at, std::string_view message);

// The first lexical or syntax error ends it: "go.mod:3:7: unexpected newline in string".
Result<FileSyntax> parse_syntax(std::string_view name, std::string_view text,
                                std::size_t max_tokens = k_max_mod_tokens);

// The file's text in go's form. Printing what was printed changes nothing, except where a string goes over a
// line end (only an escaped one can) and a comment follows it: go moves that comment, and so do we.
std::string print_syntax(const FileSyntax& file);

}  // namespace larder::gomod
