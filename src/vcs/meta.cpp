// SPDX-License-Identifier: Apache-2.0
#include "vcs/meta.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"

namespace larder::vcs {

namespace {

bool is_name_byte(char c) {
  const char l = to_lower_ascii(c);
  return (l >= 'a' && l <= 'z') || is_digit(c) || c == '_' || c == ':' || c == '.' || c == '-' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_name(std::string_view name) {
  if (name.empty() || !valid_utf8(name)) return false;
  return !is_digit(name[0]) && name[0] != '.' && name[0] != '-';
}
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void append_utf8(std::string& out, std::uint32_t rune) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  const auto tail = [&](unsigned shift) { put(0x80U | ((rune >> shift) & 0x3fU)); };
  if (rune >= 0xd800 && rune < 0xe000) rune = 0xfffd;
  if (rune < 0x80) {
    put(rune);
  } else if (rune < 0x800) {
    put(0xc0U | rune >> 6U);
    tail(0);
  } else if (rune < 0x10000) {
    put(0xe0U | rune >> 12U);
    tail(6);
    tail(0);
  } else {
    put(0xf0U | rune >> 18U);
    tail(12);
    tail(6);
    tail(0);
  }
}

// What "&…;" stands for, without its ends; nullopt: nothing, it stays as it is.
std::optional<std::string> entity(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> k_named[] = {
      {"lt", "<"}, {"gt", ">"}, {"amp", "&"}, {"apos", "'"}, {"quot", "\""}};
  for (const auto& [known, text] : k_named) {
    if (name == known) return std::string(text);
  }
  if (!name.starts_with('#')) return std::nullopt;
  name.remove_prefix(1);
  const bool hex = name.starts_with('x');
  if (hex) name.remove_prefix(1);
  std::uint32_t rune = 0;
  const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), rune, hex ? 16 : 10);
  if (failed != std::errc() || end != name.data() + name.size() || rune > 0x10ffff) return std::nullopt;
  std::string out;
  append_utf8(out, rune);
  return out;
}

// "encoding" of `version="1.0" encoding="utf-8"`.
std::string_view instruction_value(std::string_view content, std::string_view name) {
  for (std::size_t at = 0; (at = content.find(name, at)) != std::string_view::npos; at += name.size()) {
    auto rest = content.substr(at + name.size());
    if (at > 0 && !is_space(content[at - 1])) continue;
    if (!rest.starts_with('=') || rest.size() < 2) continue;
    const char mark = rest[1];
    if (mark != '\'' && mark != '"') continue;
    rest.remove_prefix(2);
    const auto end = rest.find(mark);
    return end == std::string_view::npos ? std::string_view() : rest.substr(0, end);
  }
  return {};
}

struct Attribute {
  std::string name;
  std::string value;
};

struct Token {
  enum class Kind { other, start, end, finished };
  Kind kind = Kind::other;
  std::string name;  // without a name space
  std::vector<Attribute> attributes;
};

// The tokens of a page, one by one. Each byte is looked at a bounded number of times; no recursion.
class Tokens {
 public:
  explicit Tokens(std::string_view page) : page_(page) {}

  Result<Token> next() {
    if (at_ >= page_.size()) return Token{.kind = Token::Kind::finished};
    if (page_[at_] != '<') {
      TRY(text('\0'));
      return Token{};
    }
    ++at_;
    switch (TRY(byte())) {
      case '/':
        return end_tag();
      case '?':
        return instruction();
      case '!':
        return declaration();
      default:
        --at_;
        return start_tag();
    }
  }

 private:
  Error wrong(std::string_view what) const {
    const auto line = 1 + std::count(page_.begin(), page_.begin() + static_cast<std::ptrdiff_t>(at_), '\n');
    return {Kind::invalid, fmt::format("XML syntax error on line {}: {}", line, what)};
  }
  Result<char> byte() {
    if (at_ >= page_.size()) return fail(wrong("unexpected EOF"));
    return page_[at_++];
  }
  void skip_space() {
    while (at_ < page_.size() && is_space(page_[at_])) ++at_;
  }
  // Past the next occurrence of mark; what stands before it.
  Result<std::string_view> until(std::string_view mark) {
    const auto end = page_.find(mark, at_);
    if (end == std::string_view::npos) {
      at_ = page_.size();
      return fail(wrong("unexpected EOF"));
    }
    const auto out = page_.substr(at_, end - at_);
    at_ = end + mark.size();
    return out;
  }

  Result<std::string_view> raw_name(std::string_view expected) {
    const auto begin = at_;
    while (at_ < page_.size() && is_name_byte(page_[at_])) ++at_;
    const auto out = page_.substr(begin, at_ - begin);
    if (out.empty()) return fail(wrong(at_ < page_.size() ? expected : "unexpected EOF"));
    if (at_ >= page_.size()) return fail(wrong("unexpected EOF"));
    if (!is_name(out)) return fail(wrong("invalid XML name: " + std::string(out)));
    return out;
  }
  Result<std::string> name(std::string_view expected) {
    const auto whole = TRY(raw_name(expected));
    const auto parts = cut(whole, ":");
    if (!parts || parts->first.empty() || parts->second.empty()) return std::string(whole);
    if (parts->second.find(':') != std::string_view::npos) return fail(wrong(expected));
    return std::string(parts->second);
  }

  Result<Token> end_tag() {
    Token out{.kind = Token::Kind::end, .name = TRY(name("expected element name after </"))};
    skip_space();
    if (TRY(byte()) == '>') return out;
    return fail(wrong(fmt::format("invalid characters between </{} and >", out.name)));
  }

  Result<Token> instruction() {
    const auto target = TRY(raw_name("expected target name after <?"));
    skip_space();
    const auto content = TRY(until("?>"));
    if (target != "xml") return Token{};
    const auto version = instruction_value(content, "version");
    if (!version.empty() && version != "1.0") {
      return fail(Kind::invalid,
                  fmt::format("xml: unsupported version {}; only version 1.0 is supported", quote(version)));
    }
    const auto charset = instruction_value(content, "encoding");
    const auto lower = lower_ascii(charset);
    if (charset.empty() || lower == "utf-8" || lower == "ascii") return Token{};
    return fail(Kind::invalid,
                fmt::format("xml: opening charset {}: can't decode XML document using charset {}",
                            quote(charset), quote(charset)));
  }

  Result<Token> declaration() {
    const char first = TRY(byte());
    if (first == '-') {
      if (TRY(byte()) != '-') return fail(wrong("invalid sequence <!- not part of <!--"));
      TRY(until("--"));
      if (TRY(byte()) != '>') return fail(wrong("invalid sequence \"--\" not allowed in comments"));
      return Token{};
    }
    if (first == '[') {
      constexpr std::string_view k_cdata = "CDATA[";
      for (const char c : k_cdata) {
        if (TRY(byte()) != c) return fail(wrong("invalid <![ sequence"));
      }
      if (!until("]]>")) return fail(wrong("unexpected EOF in CDATA section"));
      return Token{};
    }
    --at_;
    return directive();
  }

  // "<!DOCTYPE …>", with anything nested or quoted in it.
  Result<Token> directive() {
    char inside = '\0';
    ++at_;  // as go: the first byte is not looked at
    for (std::size_t depth = 0;;) {
      const char c = TRY(byte());
      if (inside != '\0') {
        if (c == inside) inside = '\0';
      } else if (c == '\'' || c == '"') {
        inside = c;
      } else if (c == '>') {
        if (depth == 0) return Token{};
        --depth;
      } else if (c == '<') {
        if (page_.substr(at_).starts_with("!--")) {
          at_ += 3;
          TRY(until("-->"));
        } else {
          ++depth;
        }
      }
    }
  }

  Result<Token> start_tag() {
    Token out{.kind = Token::Kind::start, .name = TRY(name("expected element name after <"))};
    while (true) {
      skip_space();
      const char c = TRY(byte());
      if (c == '>') return out;
      if (c == '/') {
        if (TRY(byte()) == '>') return out;
        return fail(wrong("expected /> in element"));
      }
      --at_;
      Attribute attribute;
      attribute.name = TRY(name("expected attribute name in element"));
      skip_space();
      if (TRY(byte()) == '=') {
        skip_space();
        attribute.value = TRY(value());
      } else {
        --at_;
        attribute.value = attribute.name;
      }
      out.attributes.push_back(std::move(attribute));
    }
  }

  Result<std::string> value() {
    const char mark = TRY(byte());
    if (mark == '"' || mark == '\'') return text(mark);
    --at_;
    const auto begin = at_;
    while (at_ < page_.size() && page_[at_] != '.' && is_name_byte(page_[at_]) &&
           static_cast<unsigned char>(page_[at_]) < 0x80) {
      ++at_;
    }
    if (at_ >= page_.size()) return fail(wrong("unexpected EOF"));
    return std::string(page_.substr(begin, at_ - begin));
  }

  // Up to and past the closing mark, or, without one, up to the next tag.
  Result<std::string> text(char mark) {
    std::string out;
    while (at_ < page_.size()) {
      const char c = page_[at_];
      if (c == '<') {
        if (mark != '\0') return fail(wrong("unescaped < inside quoted string"));
        break;
      }
      ++at_;
      if (mark != '\0' && c == mark) break;
      if (mark == '\0' && c == '>' && out.ends_with("]]")) {
        return fail(wrong("unescaped ]]> not in CDATA section"));
      }
      if (c == '&') {
        TRY(reference(out));
      } else {
        out += c;
      }
    }
    if (auto fault = bad_character(out)) return fail(wrong(*fault));
    return out;
  }
  // What follows a '&'.
  Result<void> reference(std::string& out) {
    if (at_ >= page_.size()) return fail(wrong("unexpected EOF"));
    constexpr std::size_t k_longest = 16;
    const auto end = page_.substr(at_, k_longest).find(';');
    const auto decoded = end == std::string_view::npos ? std::nullopt : entity(page_.substr(at_, end));
    out += decoded.value_or("&");
    if (decoded) at_ += end + 1;
    return {};
  }
  static std::optional<std::string> bad_character(std::string_view text) {
    if (!valid_utf8(text)) return "invalid UTF-8";
    const auto bad = std::ranges::find_if(text, [](char c) {
      return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
    });
    if (bad == text.end()) return std::nullopt;
    return fmt::format("illegal character code U+{:04X}", static_cast<unsigned>(*bad));
  }

  std::string_view page_;
  std::size_t at_ = 0;
};

bool is_named(std::string_view a, std::string_view lower) {
  return lower_ascii(a) == lower;
}

std::string_view attribute(const Token& token, std::string_view lower_name) {
  for (const auto& a : token.attributes) {
    if (is_named(a.name, lower_name)) return a.value;
  }
  return {};
}

std::optional<MetaImport> import_of(const Token& token) {
  if (token.kind != Token::Kind::start || !is_named(token.name, "meta")) return std::nullopt;
  if (attribute(token, "name") != "go-import") return std::nullopt;
  const auto words = fields(attribute(token, "content"));
  if (words.size() != 3 && words.size() != 4) return std::nullopt;
  MetaImport out{std::string(words[0]), std::string(words[1]), std::string(words[2]), ""};
  if (words.size() == 4) out.subdir = words[3];
  return out;
}

bool ends_head(const Token& token) {
  return token.kind == Token::Kind::finished ||
         (token.kind == Token::Kind::start && is_named(token.name, "body")) ||
         (token.kind == Token::Kind::end && is_named(token.name, "head"));
}

}  // namespace

Result<std::vector<MetaImport>> parse_meta_imports(std::string_view page) {
  std::vector<MetaImport> all;
  Tokens tokens(page.substr(0, k_max_page));
  while (true) {
    const auto token = tokens.next();
    if (!token && all.empty()) {
      if (page.size() < k_max_page) return fail(token.error());
      return fail(Kind::invalid, "no go-import tag in the first 1 MiB of the page");
    }
    if (!token || ends_head(*token)) break;
    if (auto import = import_of(*token)) all.push_back(*std::move(import));
  }
  std::set<std::string, std::less<>> replaced;
  std::vector<MetaImport> out;
  for (const auto& import : all) {
    if (import.vcs != "mod") continue;
    replaced.insert(import.prefix);
    out.push_back(import);
  }
  for (auto& import : all) {
    if (import.vcs != "mod" && !replaced.contains(import.prefix)) out.push_back(std::move(import));
  }
  return out;
}

Result<MetaImport> match_import(const std::vector<MetaImport>& imports, std::string_view import_path) {
  const MetaImport* found = nullptr;
  std::string mismatches;
  for (const auto& import : imports) {
    const bool matches = import_path.starts_with(import.prefix) &&
                         (import_path.size() == import.prefix.size() || import.prefix.ends_with('/') ||
                          import_path[import.prefix.size()] == '/');
    if (!matches) {
      if (!mismatches.empty()) mismatches += ", ";
      mismatches += fmt::format("meta tag {} did not match import path {}", import.prefix, import_path);
      continue;
    }
    if (found == nullptr) {
      found = &import;
    } else if (found->vcs == "mod" && import.vcs != "mod") {
      break;  // all `mod` tags stand before the others
    } else {
      return fail(Kind::invalid, fmt::format("multiple meta tags match import path {}", quote(import_path)));
    }
  }
  if (found == nullptr) return fail(Kind::not_found, std::move(mismatches));
  return *found;
}

}  // namespace larder::vcs
