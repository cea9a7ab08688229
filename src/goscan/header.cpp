// SPDX-License-Identifier: Apache-2.0
#include "goscan/header.hpp"

#include <algorithm>
#include <cstdint>

#include "base/text.hpp"

namespace larder::goscan {

namespace {

bool is_ident_char(char c) {
  const auto u = static_cast<unsigned char>(c);
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || u >= 0x80;
}

// What the parser allows in an import path; `path` is the value, not the literal.
bool parser_accepts(std::string_view path) {
  constexpr std::string_view k_refused = "!\"#$%&'()*,:;<=>?[\\]^{|}`";
  if (path.empty() || !valid_utf8(path) || path.find("\xef\xbf\xbd") != std::string_view::npos) return false;
  return std::ranges::all_of(path, [&](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u > 0x20 && u != 0x7f && k_refused.find(c) == std::string_view::npos;
  });
}

class HeaderReader {
 public:
  HeaderReader(std::string_view text, bool whole) : text_(text), whole_(whole) {
    if (text_.starts_with(k_byte_order_mark)) at_ = k_byte_order_mark.size();
  }

  Header run() {
    const auto start = at_;
    read();
    // The direct reader goes to the end of the file after a syntax error.
    if (failed_) at_ = text_.size();
    if (at_ >= text_.size() && !whole_) out_.complete = false;
    // With the character that ended it, which was read too.
    const auto read_part = text_.substr(start, std::min(at_ + 1, text_.size()) - start);
    out_.nul = read_part.find('\0') != std::string_view::npos;
    if (failed_ || out_.nul || !valid_utf8(text_.substr(start, at_ - start))) out_.parses = false;
    return std::move(out_);
  }

 private:
  void read() {
    space();
    if (!keyword("package")) return fail();
    space();
    out_.package = identifier();
    if (out_.package.empty()) return fail();
    if (out_.package == "_") out_.parses = false;
    while (true) {
      const bool separated = space();
      if (peek() != 'i') break;
      if (!separated) out_.parses = false;
      if (!keyword("import")) {
        // Some other word: nothing that the parser would look at.
        at_ = text_.size();
        return;
      }
      space();
      if (!import_clause()) return fail();
    }
  }

  bool import_clause() {
    if (peek() != '(') return import_spec();
    ++at_;
    space();
    while (peek() != ')') {
      if (!import_spec()) return false;
      if (!space() && peek() != ')') out_.parses = false;
    }
    ++at_;
    return true;
  }

  bool import_spec() {
    if (peek() == '.') {
      ++at_;
      space();
    } else if (is_ident_char(peek())) {
      static_cast<void>(identifier());
      space();
    }
    const auto literal = string();
    if (literal.empty()) return false;
    out_.imports.push_back(literal);
    if (out_.parses) {
      const auto value = unquote(literal);
      if (!value || !parser_accepts(*value)) out_.parses = false;
    }
    return true;
  }

  // 0 at the end of the text.
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void fail() { failed_ = true; }

  // White space, semicolons and comments. True where they end a statement.
  bool space() {
    bool ends = false;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\n' || c == ';') {
        ends = true;
        ++at_;
      } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f') {
        ++at_;
      } else if (c == '/') {
        if (!comment(ends)) return ends;
      } else {
        return ends;
      }
    }
    return true;
  }

  bool comment(bool& ends) {
    const auto rest = text_.substr(at_);
    if (rest.starts_with("//")) {
      const auto newline = text_.find('\n', at_);
      at_ = newline == std::string_view::npos ? text_.size() : newline;
      return true;
    }
    if (!rest.starts_with("/*")) {
      fail();
      return false;
    }
    const auto end = text_.find("*/", at_ + 2);
    if (end == std::string_view::npos) {
      fail();
      at_ = text_.size();
      return false;
    }
    if (text_.substr(at_, end - at_).find('\n') != std::string_view::npos) ends = true;
    at_ = end + 2;
    return true;
  }

  bool keyword(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return !is_ident_char(peek());
  }

  std::string_view identifier() {
    const auto start = at_;
    while (at_ < text_.size() && is_ident_char(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
  }

  // A string literal, or "" for anything else.
  std::string_view string() {
    const auto start = at_;
    const char quote = peek();
    if (quote == '`') {
      const auto end = text_.find('`', at_ + 1);
      if (end == std::string_view::npos) return {};
      at_ = end + 1;
      return text_.substr(start, at_ - start);
    }
    if (quote != '"') return {};
    for (++at_; at_ < text_.size() && text_[at_] != '\n'; ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '"') {
        ++at_;
        return text_.substr(start, at_ - start);
      }
    }
    return {};
  }

  std::string_view text_;
  bool whole_;
  std::size_t at_ = 0;
  bool failed_ = false;
  Header out_;
};

void append_utf8(std::string& out, std::uint32_t rune) {
  const auto byte = [&](std::uint32_t value) { out += static_cast<char>(static_cast<unsigned char>(value)); };
  if (rune < 0x80) return byte(rune);
  if (rune < 0x800) {
    byte(0xc0U | (rune >> 6U));
  } else if (rune < 0x10000) {
    byte(0xe0U | (rune >> 12U));
    byte(0x80U | ((rune >> 6U) & 0x3fU));
  } else {
    byte(0xf0U | (rune >> 18U));
    byte(0x80U | ((rune >> 12U) & 0x3fU));
    byte(0x80U | ((rune >> 6U) & 0x3fU));
  }
  byte(0x80U | (rune & 0x3fU));
}

std::optional<std::uint32_t> number(std::string_view digits, unsigned base) {
  std::uint32_t value = 0;
  for (const char c : digits) {
    const char low = to_lower_ascii(c);
    const auto digit = is_digit(c)                ? static_cast<unsigned>(c - '0')
                       : low >= 'a' && low <= 'f' ? static_cast<unsigned>(low - 'a') + 10U
                                                  : 99U;
    if (digit >= base) return std::nullopt;
    value = value * base + digit;
  }
  return value;
}

// One escape behind its backslash; the number of characters used, 0 for none that Go knows.
std::size_t unescape(std::string_view rest, std::string& out) {
  constexpr std::string_view k_names = "abfnrtv\\\"";
  constexpr std::string_view k_values = "\a\b\f\n\r\t\v\\\"";
  if (rest.empty()) return 0;
  if (const auto at = k_names.find(rest[0]); at != std::string_view::npos) {
    out += k_values[at];
    return 1;
  }
  const bool octal = rest[0] >= '0' && rest[0] <= '7';
  const std::size_t digits = octal ? 3 : rest[0] == 'x' ? 2 : rest[0] == 'u' ? 4 : rest[0] == 'U' ? 8 : 0;
  const std::size_t skip = octal ? 0 : 1;
  if (digits == 0 || rest.size() < digits + skip) return 0;
  const auto value = number(rest.substr(skip, digits), octal ? 8 : 16);
  if (!value) return 0;
  if (digits <= 3) {
    if (*value > 0xff) return 0;
    out += static_cast<char>(static_cast<unsigned char>(*value));
  } else {
    if (*value > 0x10ffff || (*value >= 0xd800 && *value < 0xe000)) return 0;
    append_utf8(out, *value);
  }
  return digits + skip;
}

// Passes over the literal or comment that begins at `at`; returns where it ends.
std::size_t skip_literal(std::string_view text, std::size_t at) {
  const char quote = text[at];
  if (quote == '`') {
    const auto end = text.find('`', at + 1);
    return end == std::string_view::npos ? text.size() : end + 1;
  }
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == quote || text[at] == '\n') {
      return at + 1;
    }
  }
  return text.size();
}

void add_patterns(std::string_view args, std::vector<std::string>& out) {
  for (args = trim(args); !args.empty(); args = trim(args)) {
    std::size_t size = 0;
    if (args[0] == '"' || args[0] == '`') {
      size = skip_literal(args, 0);
      auto value = unquote(args.substr(0, size));
      if (!value) return;
      out.push_back(*std::move(value));
    } else {
      size = std::min(args.find_first_of(" \t"), args.size());
      out.emplace_back(args.substr(0, size));
    }
    args.remove_prefix(size);
  }
}

}  // namespace

Header read_header(std::string_view text, bool whole) {
  return HeaderReader(text, whole).run();
}

std::optional<std::string> unquote(std::string_view literal) {
  if (literal.size() < 2 || literal.front() != literal.back()) return std::nullopt;
  const char quote = literal.front();
  auto body = literal.substr(1, literal.size() - 2);
  if (quote == '`') {
    if (body.find('`') != std::string_view::npos) return std::nullopt;
    std::string out(body);
    std::erase(out, '\r');
    return out;
  }
  if (quote != '"') return std::nullopt;
  if (body.find_first_of("\\\"\n") == std::string_view::npos) return std::string(body);
  std::string out;
  while (!body.empty()) {
    const char c = body[0];
    body.remove_prefix(1);
    if (c == '"' || c == '\n') return std::nullopt;
    if (c != '\\') {
      out += c;
      continue;
    }
    const auto used = unescape(body, out);
    if (used == 0) return std::nullopt;
    body.remove_prefix(used);
  }
  return out;
}

bool is_pseudo_import(std::string_view path) {
  return path == "C" || path == "appengine" || path.starts_with("appengine/") ||
         path == "appengine_internal" || path.starts_with("appengine_internal/");
}

std::vector<std::string> embed_patterns(std::string_view text) {
  constexpr std::string_view k_embed = "//go:embed";
  std::vector<std::string> out;
  if (text.find(k_embed) == std::string_view::npos) return out;
  bool line_start = true;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const auto rest = text.substr(at);
    if (rest.starts_with("//")) {
      const auto end = std::min(text.find('\n', at), text.size());
      const auto line = text.substr(at, end - at);
      if (line_start && line.starts_with(k_embed) && line.size() > k_embed.size() &&
          (line[k_embed.size()] == ' ' || line[k_embed.size()] == '\t')) {
        add_patterns(line.substr(k_embed.size()), out);
      }
      at = end;
    } else if (rest.starts_with("/*")) {
      const auto end = text.find("*/", at + 2);
      at = end == std::string_view::npos ? text.size() : end + 2;
      line_start = false;
    } else if (c == '"' || c == '`' || c == '\'') {
      at = skip_literal(text, at);
      line_start = false;
    } else {
      if (c == '\n')
        line_start = true;
      else if (c != ' ' && c != '\t')
        line_start = false;
      ++at;
    }
  }
  return out;
}

}  // namespace larder::goscan
