// SPDX-License-Identifier: Apache-2.0
#include "gomod/quoting.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "gomod/unicode.hpp"

namespace larder::gomod {
namespace {

TEST(Quoting, go_quote) {
  const std::vector<std::pair<std::string, const char*>> cases = {
      {"", R"("")"},
      {"a b", R"("a b")"},
      {"\"\\'`", R"("\"\\'`")"},
      {std::string("\a\b\f\n\r\t\v\0\x1F\x7F", 10), R"("\a\b\f\n\r\t\v\x00\x1f\x7f")"},
      {"\xC3\xA9\xE4\xB8\x96", "\"\xC3\xA9\xE4\xB8\x96\""},
      {"\xC2\xA0\xEF\xBB\xBF\xF3\xA0\x80\x81", R"("\u00a0\ufeff\U000e0001")"},
      {"\xFF\xEF\xBF\xBD", "\"\\xff\xEF\xBF\xBD\""},
  };
  for (const auto& [text, want] : cases) EXPECT_EQ(go_quote(text), want);
  EXPECT_EQ(go_quote_rune(0xFEFF), "'\\ufeff'");
  EXPECT_EQ(go_quote_rune('\''), "'\\''");
  EXPECT_EQ(go_quote_rune('"'), "'\"'");
}

TEST(Quoting, unquote) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"("a\x41\101\u00e9\U0001F600\n")", "aAA\xC3\xA9\xF0\x9F\x98\x80\n"},
      {"`a\"\\\r`", "a\"\\"},
      {"'a'", "a"},
      {R"('"')", "\""},
      {R"("\xff")", "\xFF"},
      {"\"\xFF\"", "\xEF\xBF\xBD"}};
  for (const auto& [literal, want] : cases) EXPECT_EQ(unquote(literal), want) << literal;
  for (const auto* bad :
       {"", "\"", "a", "'ab'", "''", R"("\'")", R"('\"')", R"("a"b")", R"("\400")", R"("\8")", R"("\uD800")",
        R"("\U00110000")", R"("\x4")", R"("\")", "\"a\nb\"", "`a`b`", "\"a'", R"("\q")"})
    EXPECT_FALSE(unquote(bad)) << bad;
}

TEST(Quoting, must_quote) {
  for (const auto* plain : {"a", "a.b/c@v1", "=>", "(", ",", "C:\\x", "\xC3\xA9"})
    EXPECT_FALSE(must_quote(plain)) << plain;
  for (const auto* quoted : {"", "a b", "a//b", "a/*b", "a(", "((", "a\"", "it's", "`", "\t", "\xC2\xA0"})
    EXPECT_TRUE(must_quote(quoted)) << quoted;
  EXPECT_EQ(auto_quote("a b"), "\"a b\"");
  EXPECT_EQ(auto_quote("a"), "a");
}

RC_GTEST_PROP(QuotingProperty, unquote_undoes_quote, (const std::string& s)) {
  RC_ASSERT(unquote(go_quote(s)) == s);
}

TEST(Unicode, decode_refuses_what_is_not_utf8) {
  for (const auto* bad : {"\x80", "\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                          "\xF0\x8F\xBF\xBF", "\xE2\x82", "\xFF"}) {
    EXPECT_EQ(decode_rune(bad, 0).value, k_bad_rune);
    EXPECT_EQ(decode_rune(bad, 0).size, 1U);
  }
}

TEST(Unicode, decode_undoes_append) {
  for (char32_t r = 0; r <= 0x10FFFF; r += r < 0x3000 ? 1 : 97) {
    if (r >= 0xD800 && r <= 0xDFFF) continue;
    std::string s;
    append_rune(s, r);
    const auto rune = decode_rune(s, 0);
    ASSERT_EQ(rune.value, r);
    ASSERT_EQ(rune.size, s.size());
  }
}

TEST(Unicode, classes) {
  EXPECT_TRUE(is_print(' '));
  EXPECT_FALSE(is_print('\n'));
  EXPECT_FALSE(is_print(0xA0));
  EXPECT_TRUE(is_print(0xA1));
  EXPECT_FALSE(is_print(0xAD));
  EXPECT_TRUE(is_letter(0x4E16));
  EXPECT_FALSE(is_letter(0x301));
  EXPECT_FALSE(is_letter(0x10FFFF));
  EXPECT_TRUE(is_space(0x3000));
  EXPECT_FALSE(is_space(0x200B));
  EXPECT_EQ(trim_space("\xC2\xA0 a b\xE3\x80\x80\r\n"), "a b");
  EXPECT_EQ(trim_space(" \t"), "");
}

}  // namespace
}  // namespace larder::gomod
