// SPDX-License-Identifier: Apache-2.0
#include "goscan/constraint.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/text.hpp"

namespace larder::goscan {

namespace {

constexpr std::size_t k_max_go_build = 1000;  // tokens
constexpr std::size_t k_max_plus_build = 100;
constexpr std::string_view k_go_build = "//go:build";

bool is_tag_char(char c) {
  const auto u = static_cast<unsigned char>(c);
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '.' || u >= 0x80;
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

// Recursive descent over `a || b && !(c)`. After a syntax error `ok` is false and values mean nothing.
class Expression {
 public:
  Expression(std::string_view text, Tags tags) : rest_(text), tags_(tags) { advance(); }

  std::optional<bool> evaluate() {
    const bool value = alternatives(true);
    if (!ok_ || !token_.empty()) return std::nullopt;
    return value;
  }

 private:
  void advance() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t')) rest_.remove_prefix(1);
    token_ = {};
    if (rest_.empty()) return;
    if (++tokens_ > k_max_go_build) {
      ok_ = false;
      return;
    }
    std::size_t size = 0;
    if (rest_.starts_with("&&") || rest_.starts_with("||")) {
      size = 2;
    } else if (rest_[0] == '(' || rest_[0] == ')' || rest_[0] == '!') {
      size = 1;
    } else {
      while (size < rest_.size() && is_tag_char(rest_[size])) ++size;
    }
    if (size == 0) ok_ = false;
    token_ = rest_.substr(0, size);
    rest_.remove_prefix(size);
  }

  // NOLINTBEGIN(misc-no-recursion): bounded by k_max_go_build
  bool alternatives(bool want) {
    bool value = conjunction(want);
    while (ok_ && token_ == "||") {
      advance();
      value = conjunction(want) || value;
    }
    return value;
  }

  bool conjunction(bool want) {
    bool value = negation(want);
    while (ok_ && token_ == "&&") {
      advance();
      value = negation(want) && value;
    }
    return value;
  }

  bool negation(bool want) {
    if (!ok_ || token_ != "!") return atom(want);
    advance();
    if (token_ == "!") ok_ = false;
    return !negation(!want);
  }

  bool atom(bool want) {
    if (!ok_) return false;
    if (token_ == "(") {
      advance();
      const bool value = alternatives(want);
      if (token_ != ")") ok_ = false;
      if (ok_) advance();
      return value;
    }
    if (token_.empty() || !is_tag_char(token_[0])) {
      ok_ = false;
      return false;
    }
    const bool value = tags_.value(token_, want);
    advance();
    return value;
  }
  // NOLINTEND(misc-no-recursion)

  std::string_view rest_;
  std::string_view token_;
  Tags tags_;
  std::size_t tokens_ = 0;
  bool ok_ = true;
};

bool plus_literal(std::string_view text, Tags tags) {
  if (text.starts_with("!!") || text == "!") return tags.value("ignore", true);
  const bool negated = text.starts_with('!');
  if (negated) text.remove_prefix(1);
  const bool valid = !text.empty() && std::ranges::all_of(text, is_tag_char);
  const auto tag = valid ? text : std::string_view("ignore");
  return negated ? !tags.value(tag, false) : tags.value(tag, true);
}

// What follows a word in a comment line; nullopt where the word is only the start of a longer one.
std::optional<std::string_view> after_word(std::string_view line, std::string_view word) {
  if (!line.starts_with(word)) return std::nullopt;
  line.remove_prefix(word.size());
  if (!line.empty() && !is_space(line[0])) return std::nullopt;
  return trim(line);
}

std::optional<std::string_view> plus_build_of(std::string_view line) {
  if (!line.starts_with("//")) return std::nullopt;
  return after_word(trim(line.substr(2)), "+build");
}

// The header: `//` lines, blank lines and block comments before any other text.
struct HeaderLines {
  std::string_view go_build;
  bool repeated = false;
  std::string_view plus;  // the part in which +build lines count
};

// Cuts block comments from the start of a line. False: other text begins here.
bool skip_comments(std::string_view line, bool& in_block) {
  while (!line.empty()) {
    if (in_block) {
      const auto end = line.find("*/");
      if (end == std::string_view::npos) return true;
      in_block = false;
      line = trim(line.substr(end + 2));
    } else if (line.starts_with("//")) {
      return true;
    } else if (line.starts_with("/*")) {
      in_block = true;
      line = line.substr(2);
    } else {
      return false;
    }
  }
  return true;
}

HeaderLines header_lines(std::string_view text) {
  HeaderLines out;
  if (text.starts_with(k_byte_order_mark)) text.remove_prefix(k_byte_order_mark.size());
  std::size_t at = 0;
  std::size_t plus_end = 0;
  bool ended = false;
  bool in_block = false;
  while (at < text.size()) {
    const auto newline = text.find('\n', at);
    const auto next = newline == std::string_view::npos ? text.size() : newline + 1;
    const auto line = trim(text.substr(at, next - at));
    at = next;
    if (line.empty() && !ended) {
      plus_end = at;
      continue;
    }
    if (!line.starts_with("//")) ended = true;
    if (!in_block && after_word(line, k_go_build)) {
      if (!out.go_build.empty()) out.repeated = true;
      out.go_build = line;
    }
    if (!skip_comments(line, in_block)) break;
  }
  out.plus = text.substr(0, plus_end);
  return out;
}

constexpr auto k_systems = std::to_array<std::string_view>(
    {"aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux", "nacl",
     "netbsd", "openbsd", "plan9", "solaris", "wasip1", "windows", "zos"});
constexpr auto k_machines = std::to_array<std::string_view>(
    {"386",     "amd64",  "amd64p32", "arm",      "armbe",     "arm64",       "arm64be", "loong64",
     "mips",    "mipsle", "mips64",   "mips64le", "mips64p32", "mips64p32le", "ppc",     "ppc64",
     "ppc64le", "riscv",  "riscv64",  "s390",     "s390x",     "sparc",       "sparc64", "wasm"});

}  // namespace

bool system_holds(std::string_view wanted, std::string_view goos) {
  return wanted == goos || (goos == "android" && wanted == "linux") ||
         (goos == "illumos" && wanted == "solaris") || (goos == "ios" && wanted == "darwin");
}

std::optional<bool> evaluate_go_build(std::string_view line, Tags tags) {
  line = trim(line);
  if (const auto rest = after_word(line, k_go_build)) line = *rest;
  return Expression(line, tags).evaluate();
}

std::optional<bool> evaluate_plus_build(std::string_view line, Tags tags) {
  bool any = false;
  std::size_t count = 0;
  const auto alternatives = fields(line);
  for (const auto alternative : alternatives) {
    bool all = true;
    for (const auto literal : split(alternative, ',')) {
      if (++count > k_max_plus_build) return std::nullopt;
      all = plus_literal(literal, tags) && all;
    }
    any = any || all;
  }
  return alternatives.empty() ? tags.value("ignore", true) : any;
}

Constraint check_constraints(std::string_view text, Tags tags) {
  const auto header = header_lines(text);
  if (header.repeated) return Constraint::repeated;
  if (!header.go_build.empty()) {
    return evaluate_go_build(header.go_build, tags).value_or(false) ? Constraint::allowed
                                                                    : Constraint::excluded;
  }
  if (header.plus.find("+build") == std::string_view::npos) return Constraint::allowed;
  for (const auto line : lines(header.plus)) {
    const auto rest = plus_build_of(trim(line));
    if (rest && !evaluate_plus_build(*rest, tags).value_or(true)) return Constraint::excluded;
  }
  return Constraint::allowed;
}

bool name_matches(std::string_view file_name, std::string_view goos, std::string_view goarch) {
  const auto known = [](const auto& table, std::string_view word) {
    return std::ranges::find(table, word) != table.end();
  };
  auto name = file_name.substr(0, file_name.find('.'));
  const auto first = name.find('_');
  if (first == std::string_view::npos) return true;
  auto words = split(name.substr(first), '_');
  if (words.back() == "test") words.pop_back();
  const auto n = words.size();
  if (n >= 2 && known(k_systems, words[n - 2]) && known(k_machines, words[n - 1])) {
    return words[n - 1] == goarch && system_holds(words[n - 2], goos);
  }
  if (n == 0) return true;
  if (known(k_systems, words[n - 1])) return system_holds(words[n - 1], goos);
  return !known(k_machines, words[n - 1]) || words[n - 1] == goarch;
}

}  // namespace larder::goscan
