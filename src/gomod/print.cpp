// SPDX-License-Identifier: Apache-2.0
// The printer of go.mod and go.work trees.
#include <string>
#include <string_view>
#include <vector>

#include "gomod/syntax.hpp"
#include "gomod/unicode.hpp"

namespace larder::gomod {

namespace {
class Printer {
 public:
  std::string print(const FileSyntax& file);

 private:
  void comments_before(const Comments& comments);
  void comments_after(const Comments& comments);
  void tokens(const std::vector<std::string_view>& tokens);
  void end_line();
  void indent() { out_.append(margin_, '\t'); }
  void trim() { out_.resize(out_.find_last_not_of(" \t") + 1); }

  void print(const CommentBlock& block) { comments_before(block.comments); }
  void print(const Line& line);
  void print(const LineBlock& block);

  std::string out_;
  std::size_t margin_ = 0;
  std::vector<std::string_view> suffixes_;  // comments due at the end of the current line
};

void Printer::comments_before(const Comments& comments) {
  for (const auto& comment : comments.before) {
    out_ += trim_space(comment.text);
    end_line();
  }
}

void Printer::comments_after(const Comments& comments) {
  for (const auto& comment : comments.suffix) suffixes_.push_back(trim_space(comment.text));
}

void Printer::tokens(const std::vector<std::string_view>& tokens) {
  constexpr std::string_view k_no_space_before = ",)]}";
  constexpr std::string_view k_no_space_after = "([{";
  const auto among = [](std::string_view token, std::string_view marks) {
    return token.size() == 1 && marks.find(token) != std::string_view::npos;
  };
  bool glue = true;
  for (const auto token : tokens) {
    if (!glue && !among(token, k_no_space_before)) out_ += ' ';
    out_ += token;
    glue = among(token, k_no_space_after);
  }
}

// The comments due, a line end unless that would make a blank line at the top or a second one, and the
// indent.
void Printer::end_line() {
  for (std::size_t i = 0; i < suffixes_.size(); ++i) {
    if (i == 0) {
      out_ += ' ';
    } else {
      trim();
      out_ += '\n';
      indent();
    }
    out_ += suffixes_[i];
  }
  suffixes_.clear();
  trim();
  if (!out_.empty() && !out_.ends_with("\n\n")) out_ += '\n';
  indent();
}

void Printer::print(const Line& line) {
  comments_before(line.comments);
  tokens(line.tokens);
  comments_after(line.comments);
}

void Printer::print(const LineBlock& block) {
  comments_before(block.comments);
  tokens(block.tokens);
  out_ += " (";
  comments_after(block.open.comments);
  ++margin_;
  for (const auto& line : block.lines) {
    end_line();
    print(*line);
  }
  --margin_;
  end_line();
  comments_before(block.close.comments);
  out_ += ')';
  comments_after(block.close.comments);
  comments_after(block.comments);
}

std::string Printer::print(const FileSyntax& file) {
  comments_before(file.comments);
  comments_after(file.comments);
  for (std::size_t i = 0; i < file.statements.size(); ++i) {
    if (i > 0) end_line();
    std::visit([&](const auto& node) { print(*node); }, file.statements[i]);
    if (!std::holds_alternative<std::unique_ptr<CommentBlock>>(file.statements[i])) end_line();
  }
  while (out_.ends_with("\n\n") || out_ == "\n") out_.pop_back();
  return std::move(out_);
}
}  // namespace

std::string print_syntax(const FileSyntax& file) {
  return Printer().print(file);
}

}  // namespace larder::gomod
