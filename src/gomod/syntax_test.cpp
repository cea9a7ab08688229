// SPDX-License-Identifier: Apache-2.0
#include "gomod/syntax.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace larder::gomod {
namespace {

std::string printed(std::string_view text) {
  const auto file = parse_syntax("go.mod", text);
  return file ? print_syntax(*file) : "error: " + file.error().message();
}

TEST(Syntax, prints_in_gos_form) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"", ""},
      {"\n\n", ""},
      {"// a", "// a\n"},
      {"// a\n\n\n// b\nx y", "// a\n\n// b\nx y\n"},
      {"module   m\r\ngo 1.2\n", "module m\n\ngo 1.2\n"},
      {"a\nb // c  \n", "a\n\nb // c\n"},
      {"x (\n\ta b\n)\n", "x (\n\ta b\n)\n"},
      {"x (\n\n\n\ta\n\n\n\tb // s\n\n\t// w\n\tc\n\n)\n", "x (\n\ta\n\n\tb // s\n\n\t// w\n\tc\n)\n"},
      {"x ( )\n", "x (\n)\n"},
      {"x (\n)", "x (\n)\n"},
      {"x ( ) y\n", "x () y\n"},
      {"x ( // o\n a\n // w\n) // e\n", "x ( // o\n\ta\n// w\n) // e\n"},
      {"// b\n\nx (\n // i\n a\n)\n", "// b\n\nx (\n\t// i\n\ta\n)\n"},
      {"retract [ v1 , v2 ]\n", "retract [v1, v2]\n"},
      {"a { b } , c\n", "a {b}, c\n"},
      {"a \"b c\" `d`\n", "a \"b c\" `d`\n"},
      {"x ( ) // c\n", "x (\n) // c\n"},
      {"a//c\n", "a //c\n"},
  };
  for (const auto& [text, want] : cases) EXPECT_EQ(printed(text), want) << text;
}

TEST(Syntax, error_texts) {
  const std::vector<std::pair<std::string, const char*>> cases = {
      {"a /* b */", "go.mod:1:3: mod files must use // comments (not /* */ comments)"},
      {"a\n  b/*", "go.mod:2:4: mod files must use // comments (not /* */ comments)"},
      {"a \"b\nc\"", "go.mod:1:5: unexpected newline in string"},
      {"a\n\xC3\xA9 \"b", "go.mod:2:3: unexpected EOF in string"},
      {"\"a\\", "go.mod:1: unexpected EOF in string"},
      {"a `b", "go.mod:1:3: unexpected EOF in string"},
      {"\xEF\xBB\xBFmodule m", "go.mod:1: unexpected input character '\\ufeff'"},
      {std::string("a \0", 3), "go.mod:1:3: unexpected input character '\\x00'"},
      {"x (\n a\n", "go.mod:3: syntax error (unterminated block started at go.mod:1:1)"},
      {"x (\n a\n) b\n", "go.mod:3:4: syntax error (expected newline after closing paren)"},
      {"x (\n a\n) \"b\n", "go.mod:3:5: unexpected newline in string"},
  };
  for (const auto& [text, want] : cases) EXPECT_EQ(printed(text), std::string("error: ") + want) << text;
}

TEST(Syntax, positions_count_code_points) {
  const auto file = parse_syntax("go.mod", "// c\n\n\xC3\xA9 x (\n\t\xC3\xA9 b // s\n)\n");
  ASSERT_TRUE(file);
  ASSERT_EQ(file->statements.size(), 2U);
  const auto& block = *std::get<std::unique_ptr<LineBlock>>(file->statements[1]);
  EXPECT_EQ(block.start.line, 3U);
  EXPECT_EQ(block.open.at.column, 5U);
  const auto& line = *block.lines.at(0);
  EXPECT_EQ(line.start.line, 4U);
  EXPECT_EQ(line.start.column, 2U);
  EXPECT_EQ(line.end.column, 5U);
  EXPECT_EQ(line.end.byte, 18U);
  EXPECT_EQ(line.comments.suffix.at(0).text, "// s");
  EXPECT_EQ(line.comments.suffix.at(0).start.column, 6U);
  EXPECT_TRUE(line.in_block);
  EXPECT_EQ(block.close.at.line, 5U);
}

TEST(Syntax, a_suffix_comment_goes_to_the_last_thing_on_one_line) {
  // The second line holds the end of a string that began on the first: no line of its own, so the comment
  // falls to the one before; with none before, to the file.
  EXPECT_EQ(printed("a\nb \"x\\\ny\" // c\n"), "a // c\n\nb \"x\\\ny\"\n");
  EXPECT_EQ(printed("b \"x\\\ny\" // c\n"), "// c\nb \"x\\\ny\"\n");
}

TEST(Syntax, texts_outlive_the_input_and_moves) {
  std::string text = "require example.com/m v1.0.0 // x\n";
  auto parsed = parse_syntax("go.mod", text);
  ASSERT_TRUE(parsed);
  text.assign(text.size(), '#');
  const FileSyntax moved = *std::move(parsed);
  EXPECT_EQ(print_syntax(moved), "require example.com/m v1.0.0 // x\n");
}

TEST(Syntax, limits) {
  EXPECT_EQ(parse_syntax("go.mod", std::string(k_max_mod_file + 1, ' ')).error().message(),
            "go.mod: file too large (max size is 16777216 bytes)");
  const auto many = parse_syntax("go.mod", std::string(k_max_mod_tokens + 1, '('));
  ASSERT_FALSE(many);
  EXPECT_NE(many.error().message().find("file too large (more than 1048576 tokens)"), std::string::npos);
  EXPECT_TRUE(parse_syntax("go.mod", std::string((k_max_mod_tokens + 1) * 2, '\n'), k_max_own_tokens));
}

// Texts that are mostly well formed: lines and blocks of words, comments and punctuation.
rc::Gen<std::string> texts() {
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
                          "a", "b ", " // c", "// d\n", "\n", "\n", "x (\n", ")\n", "( )", "[", "]", ",",
                          "\"q r\"", "`s`", "\t", "=>", "\r\n", "{", "}")),
                      [](const auto& pieces) {
                        std::string out;
                        for (const auto& p : pieces) out += p;
                        return out;
                      });
}

RC_GTEST_PROP(SyntaxProperty, printing_twice_is_printing_once, ()) {
  const auto first = parse_syntax("go.mod", *texts());
  RC_PRE(first.has_value());
  const auto once = print_syntax(*first);
  const auto second = parse_syntax("go.mod", once);
  RC_ASSERT(second.has_value());
  RC_ASSERT(print_syntax(*second) == once);
}

}  // namespace
}  // namespace larder::gomod
