// SPDX-License-Identifier: Apache-2.0
// Tokens of go.mod and go.work. Internal to gomod: used by the parser in syntax.cpp.
// Invariant: after an error only `end` tokens follow, and the first error stays.
// Thread rule: one thread. Spec: go-resolution.md 1.1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gomod/syntax.hpp"

namespace larder::gomod {

struct Token {
  enum class Kind : std::uint8_t {
    end,
    newline,
    line_comment,    // alone on its line; ends with the line
    suffix_comment,  // after something on its line; ends with the line
    open,            // (
    close,           // )
    word,            // anything else: identifier, string, other punctuation
  };
  Kind kind = Kind::end;
  Position start;
  Position end;
  std::string_view text;

  bool ends_line() const {
    return kind == Kind::end || kind == Kind::newline || kind == Kind::suffix_comment;
  }
};

class Lexer {
 public:
  Lexer(std::string_view text, std::size_t max_tokens) : text_(text), max_tokens_(max_tokens) {
    at_.line = at_.column = 1;
  }

  Token next();

  Position at() const { return at_; }
  // The first error wins; its place is where the lexer stands.
  void fail(std::string message);
  const std::optional<std::string>& error() const { return error_; }
  Position error_at() const { return error_at_; }

 private:
  bool at_end() const { return at_.byte == text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_.byte]; }
  bool sees(std::string_view s) const { return text_.substr(at_.byte).starts_with(s); }
  void advance();  // one code point
  void skip_blanks();
  bool only_blanks_before() const;
  Token read();
  Token finish(Token::Kind kind, Position start) const;
  Token read_comment();
  Token read_string();
  Token read_word();

  std::string_view text_;
  Position at_;
  std::size_t max_tokens_;
  std::size_t tokens_ = 0;
  std::optional<std::string> error_;
  Position error_at_;
};

}  // namespace larder::gomod
