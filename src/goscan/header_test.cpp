// SPDX-License-Identifier: Apache-2.0
#include "goscan/header.hpp"

#include <gtest/gtest.h>

namespace larder::goscan {
namespace {

std::vector<std::string> values(const Header& header) {
  std::vector<std::string> out;
  for (const auto literal : header.imports) out.push_back(unquote(literal).value_or("?"));
  return out;
}

using Paths = std::vector<std::string>;

TEST(Header, Readings) {
  struct Case {
    std::string_view name;
    std::string_view text;
    Paths imports;
    bool parses;
  };
  const std::vector<Case> cases = {
      {"no import", "package p\n\nfunc f() {}\n", {}, true},
      {"one", "package p\nimport \"a/b\"\n", {"a/b"}, true},
      {"raw", "package p\nimport `a`\n", {"a"}, true},
      {"block",
       "package p\nimport (\n\t\"a\"\n\tx \"b\"\n\t. \"c\"\n\t_ \"d\"\n)\n",
       {"a", "b", "c", "d"},
       true},
      {"semicolons", "package p; import \"a\"; import (\"b\"; \"c\")\n", {"a", "b", "c"}, true},
      {"comments", "// x\n/* y */ package /* z */ p // q\nimport /* r */ \"a\" // s\n", {"a"}, true},
      {"stops at other text", "package p\nimport \"a\"\nvar x = `import \"b\"`\n", {"a"}, true},
      {"byte order mark", "\xef\xbb\xbfpackage p\nimport \"a\"\n", {"a"}, true},
      {"CRLF", "package p\r\nimport \"a\"\r\n", {"a"}, true},
      {"empty block", "package p\nimport ()\n", {}, true},
      {"escapes", "package p\nimport \"\\x61\\142\\u0063\"\n", {"abc"}, true},
      {"a word with i", "package p\nimport \"a\"\nif x {\n", {"a"}, true},
      {"no newline at the end", "package p\nimport \"a\"", {"a"}, true},
      {"no package", "import \"a\"\n", {}, false},
      {"empty", "", {}, false},
      {"two on a line", "package p\nimport \"a\" import \"b\"\n", {"a", "b"}, false},
      {"two in a line of a block", "package p\nimport (\"a\" \"b\")\n", {"a", "b"}, false},
      {"kept before an error", "package p\nimport \"a\"\nimport 7\n", {"a"}, false},
      {"unfinished string", "package p\nimport \"a\nimport \"b\"\n", {}, false},
      {"unfinished comment", "package p\nimport \"a\"\n/* x", {"a"}, false},
      {"path the parser refuses", "package p\nimport \"a\"\nimport \"b c\"\n", {"a", "b c"}, false},
      {"empty path", "package p\nimport \"\"\n", {""}, false},
      {"invalid UTF-8 in a comment", "package p // \xff\nimport \"a\"\n", {"a"}, false},
      {"invalid UTF-8 behind the header", "package p\nimport \"a\"\nvar x = 1 // \xff\n", {"a"}, true},
      {"blank package", "package _\nimport \"a\"\n", {"a"}, false},
  };
  for (const auto& c : cases) {
    const auto header = read_header(c.text, true);
    EXPECT_EQ(values(header), c.imports) << c.name;
    EXPECT_EQ(header.parses, c.parses) << c.name;
    EXPECT_TRUE(header.complete) << c.name;
    EXPECT_FALSE(header.nul) << c.name;
  }
}

TEST(Header, NulCountsOnlyInThePartThatIsRead) {
  using namespace std::string_view_literals;
  EXPECT_TRUE(read_header("package p\nimport \"a\"\n\0"sv, true).nul);
  EXPECT_FALSE(read_header("package p\nimport \"a\"\nvar x int\n\0"sv, true).nul);
  EXPECT_TRUE(read_header("package p\nimport 7\nvar x int\n\0"sv, true).nul);
}

TEST(Header, EveryCutIsSeen) {
  const std::string text = "// c\npackage p\n\nimport (\n\t\"a\"\n\tx \"b\"\n)\n\nvar x = 1\n";
  const auto whole = read_header(text, true);
  const auto end = text.find("var");
  for (std::size_t size = 0; size < text.size(); ++size) {
    const auto part = read_header(std::string_view(text).substr(0, size), false);
    EXPECT_EQ(part.complete, size > end) << size;
    if (part.complete) {
      EXPECT_EQ(part.imports, whole.imports) << size;
    }
  }
}

TEST(Unquote, Literals) {
  EXPECT_EQ(unquote("\"a\\n\""), "a\n");
  EXPECT_EQ(unquote("`a\\n`"), "a\\n");
  EXPECT_EQ(unquote("\"\\u00e9\""), "\xc3\xa9");
  EXPECT_EQ(unquote("\"\\U0001F600\""), "\xf0\x9f\x98\x80");
  for (const auto* bad : {"", "\"", "\"a", "a", "\"\\q\"", "\"\\ud800\"", "\"\\x1\"", "\"a\"b\"", "'a'"}) {
    EXPECT_EQ(unquote(bad), std::nullopt) << bad;
  }
}

TEST(Embeds, Patterns) {
  const auto* text =
      "package p\nimport _ \"embed\"\n\n//go:embed a.txt \"b c.txt\" `d`\nvar x string\n"
      "\t//go:embed e/*\nvar y embed.FS // go:embed no\nvar z = `\n//go:embed no\n`\n"
      "/*\n//go:embed no\n*/\nvar q = 1 //go:embed no\n//go:embedded no\n";
  EXPECT_EQ(embed_patterns(text), (Paths{"a.txt", "b c.txt", "d", "e/*"}));
  EXPECT_TRUE(embed_patterns("package p\n").empty());
}

TEST(PseudoImports, Names) {
  for (const auto* path : {"C", "appengine", "appengine/log", "appengine_internal", "appengine_internal/x"}) {
    EXPECT_TRUE(is_pseudo_import(path)) << path;
  }
  for (const auto* path : {"c", "C/x", "appengines", "example.com/appengine"}) {
    EXPECT_FALSE(is_pseudo_import(path)) << path;
  }
}

}  // namespace
}  // namespace larder::goscan
