// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "app/go_template_nodes.hpp"
#include "base/text.hpp"
#include "gomod/quoting.hpp"

namespace larder::app {

namespace {

constexpr std::size_t k_max_template = 1U << 20U;
constexpr int k_max_depth = 100;
constexpr std::string_view k_blank = " \t\r\n";

constexpr std::array<std::string_view, 10> k_functions = {"and", "eq", "join",  "len",    "ne",
                                                          "not", "or", "print", "printf", "println"};
// Real ones that are not built; anything else is "not defined", as for Go.
constexpr std::array<std::string_view, 13> k_unbuilt_functions = {
    "call", "context", "ge",     "gt",    "html",     "index",   "js",
    "le",   "lt",      "module", "slice", "urlquery", "template"};
constexpr std::array<std::string_view, 4> k_unbuilt_words = {"block", "break", "continue", "define"};

bool is_letter(char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

template <class List>
bool contains(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

struct Token {
  enum class Is { word, field, dot, dollar, literal, open, close, pipe, end };
  Is is = Is::end;
  std::string text;  // as written; a field without its dot
  GoValue literal;
  bool spaced = false;  // white space before it
  TemplatePlace place;
};

class TemplateLines {
 public:
  explicit TemplateLines(std::string_view text) : text_(text) {
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string_view::npos;) starts_.push_back(++at);
  }
  std::string_view text() const { return text_; }
  TemplatePlace place(std::size_t at) const {
    const auto next = std::upper_bound(starts_.begin(), starts_.end(), at);
    return {static_cast<std::size_t>(next - starts_.begin()), at - *std::prev(next)};
  }
  Failure error(std::size_t at, std::string_view message) const {
    return fail(Kind::invalid, fmt::format("template: main:{}: {}", place(at).line, message));
  }

 private:
  std::string_view text_;
  std::vector<std::size_t> starts_{0};  // of each line
};

// Cuts what stands between "{{" and "}}" into tokens.
class ActionLexer {
 public:
  ActionLexer(const TemplateLines& lines, std::size_t begin, std::size_t end)
      : all_(lines.text()), lines_(lines), at_(begin), end_(end) {}

  Result<std::vector<Token>> run() {
    std::vector<Token> out;
    for (;;) {
      const auto before = at_;
      while (at_ < end_ && k_blank.find(all_[at_]) != std::string_view::npos) ++at_;
      if (at_ == end_) break;
      const auto begin = at_;
      auto token = TRY(next());
      token.spaced = begin != before;
      token.place = lines_.place(begin);
      if (token.text.empty()) token.text = all_.substr(begin, at_ - begin);
      out.push_back(std::move(token));
    }
    out.push_back({Token::Is::end, "", {}, true, lines_.place(end_)});
    return out;
  }

 private:
  Result<Token> next() {
    const char c = all_[at_];
    if (c == '"' || c == '`') return quoted();
    if (c == '.' && at_ + 1 < end_ && is_letter(all_[at_ + 1])) {
      ++at_;
      return Token{Token::Is::field, name(), {}, false, {}};
    }
    if (is_letter(c)) return Token{Token::Is::word, name(), {}, false, {}};
    if (is_digit(c) || c == '-' || c == '+') return number();
    if (c == '$' && at_ + 1 < end_ && is_letter(all_[at_ + 1])) return unsupported("variables");
    ++at_;
    if (c == '.') return Token{Token::Is::dot, "", {}, false, {}};
    if (c == '$') return Token{Token::Is::dollar, "", {}, false, {}};
    if (c == '(') return Token{Token::Is::open, "", {}, false, {}};
    if (c == ')') return Token{Token::Is::close, "", {}, false, {}};
    if (c == '|') return Token{Token::Is::pipe, "", {}, false, {}};
    if (c == ':' || c == '=' || c == ',') return unsupported("variables");
    return lines_.error(at_ - 1, fmt::format("unexpected {} in command", quote(std::string(1, c))));
  }

  Failure unsupported(std::string_view what) const {
    return lines_.error(at_, fmt::format("{} are not supported in -f", what));
  }

  std::string name() {
    const auto begin = at_;
    while (at_ < end_ && (is_letter(all_[at_]) || is_digit(all_[at_]))) ++at_;
    return std::string(all_.substr(begin, at_ - begin));
  }

  Result<Token> number() {
    const auto begin = at_++;
    while (at_ < end_ && is_digit(all_[at_])) ++at_;
    const auto text = all_.substr(begin, at_ - begin);
    const bool negative = text.front() == '-';
    const auto value = parse_uint(text.substr(is_digit(text.front()) ? 0 : 1), INT64_MAX);
    const bool ends = at_ == end_ || !(is_letter(all_[at_]) || all_[at_] == '.');
    if (!value || !ends) return lines_.error(begin, fmt::format("bad number syntax: {}", quote(text)));
    const auto number = static_cast<std::int64_t>(*value);
    return Token{Token::Is::literal, "", GoValue{negative ? -number : number}, false, {}};
  }

  Result<Token> quoted() {
    const auto begin = at_;
    const char end = all_[at_++];
    while (at_ < end_ && all_[at_] != end) at_ += all_[at_] == '\\' && end == '"' ? 2 : 1;
    if (at_ >= end_) {
      return lines_.error(begin,
                          end == '"' ? "unterminated quoted string" : "unterminated raw quoted string");
    }
    const auto text = all_.substr(begin, ++at_ - begin);
    auto value =
        end == '`' ? std::optional(std::string(text.substr(1, text.size() - 2))) : gomod::unquote(text);
    if (!value) return lines_.error(begin, "invalid syntax");
    return Token{Token::Is::literal, "", GoValue{*std::move(value)}, false, {}};
  }

  std::string_view all_;
  const TemplateLines& lines_;
  std::size_t at_;
  std::size_t end_;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), lines_(text) {}

  Result<TemplateNode> run() {
    TemplateNode root;
    const auto end = TRY(list(root.body, 0));
    if (end != End::of_text) {
      return lines_.error(at_, fmt::format("unexpected {{{{{}}}}}", end == End::end ? "end" : "else"));
    }
    return root;
  }

 private:
  enum class End { of_text, end, else_, else_if, else_with };

  // Nodes up to what ends the list. With else_if and else_with the tokens stand behind these words.
  Result<End> list(std::vector<TemplateNode>& out, int depth) {
    if (depth > k_max_depth) return lines_.error(at_, "nested too deep");
    for (;;) {
      const auto open = text_.find("{{", at_);
      add_text(out, text_.substr(at_, open == std::string_view::npos ? open : open - at_), open);
      if (open == std::string_view::npos) {
        at_ = text_.size();
        return End::of_text;
      }
      if (!TRY(read_action(open))) continue;
      if (const auto end = TRY(keyword_end())) return *end;
      out.push_back(TRY(node(depth)));
    }
  }

  void add_text(std::vector<TemplateNode>& out, std::string_view text, std::size_t open) {
    if (trim_left_) {
      const auto first = text.find_first_not_of(k_blank);
      text = first == std::string_view::npos ? std::string_view() : text.substr(first);
    }
    if (open != std::string_view::npos && text_.substr(open + 2, 1) == "-" && open + 3 < text_.size() &&
        k_blank.find(text_[open + 3]) != std::string_view::npos) {
      text = text.substr(0, text.find_last_not_of(k_blank) + 1);
    }
    if (!text.empty()) out.push_back({TemplateNode::Is::text, std::string(text), {}, {}, {}});
  }

  // Where the "}}" of the action stands; strings may hold braces.
  std::size_t find_close(std::size_t from) const {
    char in = 0;
    for (auto i = from; i + 1 < text_.size(); ++i) {
      const char c = text_[i];
      if (in != 0) {
        if (c == '\\' && in == '"') ++i;
        if (c == in) in = 0;
      } else if (c == '"' || c == '`') {
        in = c;
      } else if (c == '}' && text_[i + 1] == '}') {
        return i;
      }
    }
    return std::string_view::npos;
  }

  // false: a comment, there is nothing to do.
  Result<bool> read_action(std::size_t open) {
    auto begin = open + 2;
    if (text_.substr(begin, 1) == "-" && k_blank.find(text_.substr(begin + 1, 1)) != std::string_view::npos)
      ++begin;
    const auto word = text_.find_first_not_of(k_blank, begin);
    const bool comment = word != std::string_view::npos && text_.substr(word, 2) == "/*";
    const auto comment_end = comment ? text_.find("*/", word) : word;
    if (comment && comment_end == std::string_view::npos) return lines_.error(open, "unclosed comment");
    const auto close = comment ? text_.find("}}", comment_end) : find_close(begin);
    if (close == std::string_view::npos) return lines_.error(open, "unclosed action");
    auto end = close;
    trim_left_ =
        end >= begin + 2 && text_[end - 1] == '-' && k_blank.find(text_[end - 2]) != std::string_view::npos;
    if (trim_left_) --end;
    at_ = close + 2;
    if (comment) return false;
    tokens_ = TRY(ActionLexer(lines_, begin, end).run());
    token_ = 0;
    return true;
  }

  const Token& token() const { return tokens_[token_]; }
  bool is_word(std::string_view word) const { return token().is == Token::Is::word && token().text == word; }
  Failure unexpected(std::string_view where) const {
    return fail(Kind::invalid,
                fmt::format("template: main:{}: unexpected {} in {}", token().place.line,
                            token().is == Token::Is::end ? "\"}}\"" : "<" + token().text + ">", where));
  }
  Result<void> expect_end(std::string_view where) const {
    return token().is == Token::Is::end ? Result<void>{} : Result<void>(unexpected(where));
  }

  Result<std::optional<End>> keyword_end() {
    if (is_word("end")) {
      ++token_;
      TRY(expect_end("end"));
      return End::end;
    }
    if (!is_word("else")) return std::nullopt;
    ++token_;
    if (is_word("if") || is_word("with")) return is_word("if") ? End::else_if : End::else_with;
    TRY(expect_end("else"));
    return End::else_;
  }

  Result<TemplateNode> node(int depth) {
    TemplateNode out;
    out.is = is_word("if")      ? TemplateNode::Is::if_
             : is_word("with")  ? TemplateNode::Is::with
             : is_word("range") ? TemplateNode::Is::range
                                : TemplateNode::Is::action;
    if (out.is == TemplateNode::Is::action) {
      out.pipeline = TRY(pipeline("command", Token::Is::end, 0));
      return out;
    }
    const std::string name = token().text;
    ++token_;
    out.pipeline = TRY(pipeline(name, Token::Is::end, 0));
    const auto end = TRY(list(out.body, depth + 1));
    if (end == End::of_text) return lines_.error(at_, "unexpected EOF");
    if (end == End::end) return out;
    if (end == End::else_if || end == End::else_with) {
      // As if it were nested, with a common end.
      out.otherwise.push_back(TRY(node(depth + 1)));
      return out;
    }
    if (TRY(list(out.otherwise, depth + 1)) != End::end) return lines_.error(at_, "expected end; found else");
    return out;
  }

  Result<std::vector<TemplateCommand>> pipeline(std::string_view where, Token::Is end, int depth) {
    if (depth > k_max_depth) return unexpected(where);
    std::vector<TemplateCommand> out;
    for (;;) {
      TemplateCommand command;
      while (token().is != Token::Is::pipe && token().is != end) {
        if (token().is == Token::Is::end || token().is == Token::Is::close) return unexpected(where);
        if (!command.operands.empty() && !token().spaced) return unexpected("operand");
        command.operands.push_back(TRY(operand(where, depth)));
      }
      if (command.operands.empty()) {
        return fail(Kind::invalid,
                    fmt::format("template: main:{}: missing value for {}", token().place.line, where));
      }
      out.push_back(std::move(command));
      if (token().is == end) {
        ++token_;
        return out;
      }
      ++token_;
    }
  }

  Result<TemplateOperand> operand(std::string_view where, int depth) {
    TemplateOperand out;
    out.place = token().place;
    if (token().is != Token::Is::field) TRY(operand_base(out, where, depth));
    for (bool first = out.text.empty(); token().is == Token::Is::field && (first || !token().spaced);
         first = false) {
      out.place = token().place;
      out.text += "." + token().text;
      out.fields.push_back(token().text);
      ++token_;
    }
    return out;
  }

  Result<void> operand_base(TemplateOperand& out, std::string_view where, int depth) {
    const Token begin = token();
    out.text = begin.text;
    switch (begin.is) {
      case Token::Is::dot:
        break;
      case Token::Is::dollar:
        out.is = TemplateOperand::Is::root;
        break;
      case Token::Is::literal:
        out.is = TemplateOperand::Is::literal;
        out.literal = begin.literal;
        break;
      case Token::Is::word:
        TRY(word(out));
        break;
      case Token::Is::open:
        ++token_;
        out.is = TemplateOperand::Is::pipeline;
        out.text = "(…)";
        out.inside = TRY(pipeline("parenthesized pipeline", Token::Is::close, depth + 1));
        return {};
      default:
        return unexpected(where);
    }
    ++token_;
    return {};
  }

  Result<void> word(TemplateOperand& out) {
    const auto& name = token().text;
    const std::string place = fmt::format("template: main:{}: ", token().place.line);
    if (name == "true" || name == "false" || name == "nil") {
      out.is = TemplateOperand::Is::literal;
      out.literal = name == "nil" ? GoValue{GoNil{"nil"}} : GoValue{name == "true"};
    } else if (contains(k_functions, name)) {
      out.is = TemplateOperand::Is::function;
      out.function = name;
    } else if (contains(k_unbuilt_functions, name) || contains(k_unbuilt_words, name)) {
      return fail(Kind::invalid, fmt::format("{}{} is not supported in -f", place, quote(name)));
    } else {
      return fail(Kind::invalid, fmt::format("{}function {} not defined", place, quote(name)));
    }
    return {};
  }

  std::string_view text_;
  TemplateLines lines_;
  std::size_t at_ = 0;
  bool trim_left_ = false;
  std::vector<Token> tokens_;
  std::size_t token_ = 0;
};

}  // namespace

Result<TemplateNode> parse_template(std::string_view text) {
  if (text.size() > k_max_template) return fail(Kind::invalid, "template: main: too long");
  return Parser(text).run();
}

}  // namespace larder::app
