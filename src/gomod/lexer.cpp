// SPDX-License-Identifier: Apache-2.0
#include "gomod/lexer.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "gomod/quoting.hpp"
#include "gomod/unicode.hpp"

namespace larder::gomod {

namespace {
constexpr std::string_view k_punctuation = "()[]{},";
constexpr const char* k_no_block_comments = "mod files must use // comments (not /* */ comments)";

// ASCII characters that are part of a word whatever follows them: all but '/', which may begin a comment.
constexpr std::array<bool, 256> k_plain = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0x21; c < 0x7F; ++c)
    table.at(c) = c != '/' && k_punctuation.find(static_cast<char>(c)) == std::string_view::npos;
  return table;
}();

bool is_plain(char c) {
  return k_plain[static_cast<unsigned char>(c)];
}

bool is_word_rune(char32_t r) {
  if (r < 0x80) return r == '/' || k_plain[r];
  return is_print(r) && !is_space(r);
}
}  // namespace

void Lexer::fail(std::string message) {
  if (error_) return;
  error_ = std::move(message);
  error_at_ = at_;
}

void Lexer::advance() {
  const char c = text_[at_.byte];
  if (c == '\n') {
    ++at_.line;
    at_.column = 1;
  } else {
    ++at_.column;
  }
  at_.byte += static_cast<unsigned char>(c) < 0x80
                  ? 1U
                  : static_cast<std::uint32_t>(decode_rune(text_, at_.byte).size);
}

void Lexer::skip_blanks() {
  while (!at_end() && (peek() == ' ' || peek() == '\t' || peek() == '\r')) advance();
}

bool Lexer::only_blanks_before() const {
  const auto before = text_.substr(0, at_.byte);
  return trim_space(before.substr(before.rfind('\n') + 1)).empty();
}

Token Lexer::finish(Token::Kind kind, Position start) const {
  return {kind, start, at_, text_.substr(start.byte, at_.byte - start.byte)};
}

Token Lexer::next() {
  if (!error_ && ++tokens_ > max_tokens_)
    fail(fmt::format("file too large (more than {} tokens)", max_tokens_));
  auto token = error_ ? Token{} : read();
  return error_ ? Token{Token::Kind::end, at_, at_, {}} : token;
}

Token Lexer::read() {
  skip_blanks();
  if (peek() == '/') {
    if (sees("//")) return read_comment();
    if (sees("/*")) fail(k_no_block_comments);
  }
  const auto start = at_;
  if (at_end()) return finish(Token::Kind::end, start);
  const char c = peek();
  if (c == '"' || c == '`') return read_string();
  if (c != '\n' && k_punctuation.find(c) == std::string_view::npos) return read_word();
  advance();
  const auto kind = c == '\n'  ? Token::Kind::newline
                    : c == '(' ? Token::Kind::open
                    : c == ')' ? Token::Kind::close
                               : Token::Kind::word;
  return finish(kind, start);
}

Token Lexer::read_comment() {
  const auto kind = only_blanks_before() ? Token::Kind::line_comment : Token::Kind::suffix_comment;
  const auto start = at_;
  while (!at_end() && peek() != '\n') advance();
  const bool terminated = !at_end();
  auto token = finish(kind, start);
  if (terminated) {
    if (token.text.ends_with('\r')) token.text.remove_suffix(1);
    advance();
    token.end = at_;
  }
  return token;
}

Token Lexer::read_string() {
  const auto start = at_;
  const char quote = peek();
  const auto unfinished = [&] {
    at_ = start;
    fail("unexpected EOF in string");
    return Token{};
  };
  advance();
  for (;;) {
    if (at_end()) return unfinished();
    const char c = peek();
    if (c == '\n') {
      fail("unexpected newline in string");
      return {};
    }
    advance();
    if (c == quote) return finish(Token::Kind::word, start);
    if (c != '\\' || quote == '`') continue;
    if (at_end()) return unfinished();
    advance();
  }
}

Token Lexer::read_word() {
  const auto start = at_;
  while (!at_end()) {
    if (is_plain(peek())) {
      ++at_.column;
      ++at_.byte;
      continue;
    }
    if (sees("//")) break;
    if (sees("/*")) fail(k_no_block_comments);
    const auto rune = decode_rune(text_, at_.byte);
    if (!is_word_rune(rune.value)) break;
    ++at_.column;
    at_.byte += static_cast<std::uint32_t>(rune.size);
  }
  if (at_.byte == start.byte)
    fail(fmt::format("unexpected input character {}", go_quote_rune(decode_rune(text_, at_.byte).value)));
  return finish(Token::Kind::word, start);
}

}  // namespace larder::gomod
