// SPDX-License-Identifier: Apache-2.0
#include "app/text_diff.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace larder::app {
namespace {

TEST(TextDiff, Hunks) {
  struct Case {
    std::string_view name;
    std::string_view before;
    std::string_view after;
    std::string_view hunks;
  };
  const std::vector<Case> cases = {
      {"added to nothing", "", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n"},
      {"all removed", "a\n", "", "@@ -1,1 +0,0 @@\n-a\n"},
      {"one changed", "a\nb\nc\n", "a\nB\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"},
      {"context is three lines", "1\n2\n3\n4\n5\nx\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\ny\n6\n7\n8\n9\n",
       "@@ -3,7 +3,7 @@\n 3\n 4\n 5\n-x\n+y\n 6\n 7\n 8\n"},
      {"five equal lines join", "a\n1\n2\n3\n4\n5\nb\n", "A\n1\n2\n3\n4\n5\nB\n",
       "@@ -1,7 +1,7 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n-b\n+B\n"},
      {"six do not", "a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n",
       "@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -5,4 +5,4 @@\n 4\n 5\n 6\n-b\n+B\n"},
      {"no newline at the end", "a\nb", "a\nb\n",
       "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n"},
      {"insertion", "a\nc\n", "a\nb\nc\n", "@@ -1,2 +1,3 @@\n a\n+b\n c\n"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(text_diff("old", c.before, "new", c.after),
              "diff old new\n--- old\n+++ new\n" + std::string(c.hunks))
        << c.name;
  }
  EXPECT_EQ(text_diff("old", "a\n", "new", "a\n"), "");
}

}  // namespace
}  // namespace larder::app
