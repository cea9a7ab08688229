// SPDX-License-Identifier: Apache-2.0
#include "base/quoted.hpp"

#include <string>

#include <gtest/gtest.h>

namespace larder {
namespace {

using Words = std::vector<std::string_view>;

TEST(SplitQuoted, words) {
  const std::vector<std::pair<std::string, Words>> cases = {
      {"  a  b\tc\n", {"a", "b", "c"}},     {"a --x \"b c\" 'd \"e'", {"a", "--x", "b c", "d \"e"}},
      {"a b\"c d\"", {"a", "b\"c", "d\""}}, {"'' x", {"", "x"}},
      {R"(a \ "b\")", {"a", "\\", "b\\"}},  {"", {}},
  };
  for (const auto& [text, want] : cases) EXPECT_EQ(split_quoted(text).value(), want) << text;
  EXPECT_EQ(split_quoted("a \"b").error().message(), "unterminated \" string");
  EXPECT_EQ(split_quoted("a 'b\"").error().message(), "unterminated ' string");
}

}  // namespace
}  // namespace larder
