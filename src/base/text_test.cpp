// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"

#include <gtest/gtest.h>

namespace larder {
namespace {

using Words = std::vector<std::string_view>;

TEST(Text, split_fields_lines) {
  EXPECT_EQ(split("a,,b", ','), (Words{"a", "", "b"}));
  EXPECT_EQ(split("", ','), (Words{""}));
  EXPECT_EQ(fields("  a \t b\n"), (Words{"a", "b"}));
  EXPECT_EQ(lines("a\n\nb"), (Words{"a", "", "b"}));
  EXPECT_EQ(lines("a\n"), (Words{"a"}));
  EXPECT_EQ(trim("\r\n x y\t"), "x y");
}

TEST(Text, cut_splits_at_the_first) {
  EXPECT_EQ(cut("a=b=c", "=")->second, "b=c");
  EXPECT_FALSE(cut("abc", "="));
}

TEST(Text, parse_uint_is_strict) {
  EXPECT_EQ(parse_uint("18446744073709551615"), UINT64_MAX);
  for (const auto* bad : {"", "-1", "+1", "1 ", "18446744073709551616", "0x1"})
    EXPECT_FALSE(parse_uint(bad)) << bad;
  EXPECT_FALSE(parse_uint("11", 10));
}

TEST(Text, valid_utf8_refuses_overlong_and_surrogates) {
  EXPECT_TRUE(valid_utf8("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"));
  for (const auto* bad :
       {"\x80", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\xF0\x80\x80\x80"}) {
    EXPECT_FALSE(valid_utf8(bad));
  }
}

TEST(Text, quote_is_gos) {
  EXPECT_EQ(quote("a\"b\\c\n\x01\xFF\xC3\xA9"), "\"a\\\"b\\\\c\\n\\x01\\xff\xC3\xA9\"");
}

TEST(Text, closest_suggests_near_words_only) {
  const std::vector<std::string> words = {"stock", "check", "serve"};
  EXPECT_EQ(closest("stcok", words), "stock");
  EXPECT_EQ(closest("serv", words), "serve");
  EXPECT_FALSE(closest("frobnicate", words));
}

TEST(Text, human_bytes) {
  EXPECT_EQ(human_bytes(999), "999 B");
  EXPECT_EQ(human_bytes(1500), "1.5 KB");
  EXPECT_EQ(human_bytes(276600000), "276.6 MB");
}

}  // namespace
}  // namespace larder
