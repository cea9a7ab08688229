// SPDX-License-Identifier: Apache-2.0
// What go.mod and go.work have in common: reading one directive's arguments. Internal to gomod.
// Errors are bare reasons, "VERB PATH: " included where go has it; the caller adds the place.
// Thread rule: one thread. Spec: go-resolution.md 1.3.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "gomod/modfile.hpp"
#include "gomod/syntax.hpp"

namespace larder::gomod {

// One line of a file: `args` are the line's own tokens after the verb, and may be replaced in place.
struct Directive {
  std::string_view verb;
  std::span<std::string_view> args;
  Line* line;
  const LineBlock* block;  // null outside blocks
};

class DirectiveReader {
 public:
  // Both must outlive the reader.
  DirectiveReader(FileSyntax& syntax, const VersionFixer& fixer) : syntax_(syntax), fixer_(fixer) {}

  // A string argument; its token becomes the shortest way to write it.
  Result<std::string> text(std::string_view& token);
  Result<std::string> only_text(const Directive& d);
  // A version of `path`, made canonical; its token is replaced. With keep it stays as it is.
  Result<std::string> version(std::string_view verb, std::string_view path, std::string_view& token,
                              bool keep = false);
  Result<Module> module(const Directive& d);

  Result<void> go(const Directive& d, bool strict, std::optional<GoLine>& out);
  Result<void> toolchain(const Directive& d, std::optional<ToolchainLine>& out);
  Result<void> godebug(const Directive& d, std::vector<Godebug>& out);
  Result<void> replace(const Directive& d, std::vector<Replace>& out);
  // "v" or "[ v , v ]" at the front of args, which lose it.
  struct Interval {
    std::string low;
    std::string high;
  };
  Result<Interval> interval(std::string_view path, std::span<std::string_view>& args, bool keep);

 private:
  FileSyntax& syntax_;
  const VersionFixer& fixer_;
};

// Collects the errors of a file in order, and makes one of them.
class FileErrors {
 public:
  explicit FileErrors(std::string_view file) : file_(file) {}
  void add(Position at, const Error& error);
  bool empty() const { return text_.empty(); }
  Error take() && { return {kind_, std::move(text_), std::move(hint_)}; }

 private:
  std::string_view file_;
  Kind kind_ = Kind::invalid;
  std::string text_;
  std::string hint_;
};

// Calls line(directive) for each line of the file, and block(block) for blocks that open_block refuses.
template <class OpenBlock, class OnLine, class OnUnknownBlock>
void for_each_directive(FileSyntax& file, const OpenBlock& open_block, const OnLine& on_line,
                        const OnUnknownBlock& on_unknown_block) {
  for (auto& statement : file.statements) {
    if (auto* single = std::get_if<std::unique_ptr<Line>>(&statement)) {
      auto& line = **single;
      on_line(Directive{line.tokens[0], std::span(line.tokens).subspan(1), &line, nullptr});
    } else if (auto* many = std::get_if<std::unique_ptr<LineBlock>>(&statement)) {
      auto& block = **many;
      if (block.tokens.size() > 1 || !open_block(block.tokens[0])) {
        on_unknown_block(block);
        continue;
      }
      for (auto& line : block.lines)
        on_line(Directive{block.tokens[0], std::span(line->tokens), line.get(), &block});
    }
  }
}

// Has the line the "// indirect" comment? Other words may follow: "// indirect; for tests".
bool is_indirect(const Line& line);

// `unknown directive: x` and `unknown block type: x y`, with a hint where a known word is close.
Error unknown_directive(std::string_view verb, const std::vector<std::string>& known);
Error unknown_block(const LineBlock& block);

}  // namespace larder::gomod
