// SPDX-License-Identifier: Apache-2.0
#include "gomod/glob.hpp"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace larder::gomod {
namespace {

TEST(Glob, prefixes) {
  struct Case {
    const char* patterns;
    const char* target;
    bool match;
  };
  const std::vector<Case> cases = {
      {"", "a.b/c", false},
      {"none", "a.b/c", false},
      {"a.b", "a.b", true},
      {"a.b", "a.b/c/d", true},
      {"a.b/", "a.b/c", true},
      {"a.b//", "a.b/c", false},
      {"a.b/c", "a.b", false},
      {"a.b/c", "a.bb/c", false},
      {"*.corp.test", "git.corp.test/x", true},
      {"*.corp.test", "a/git.corp.test", false},
      {"*", "a.b/c", true},
      {"*/*", "a.b", false},
      {"*/c", "a.b/c/d", true},
      {"x,,[,a.b/*", "a.b/c", true},
      {"[,a.[", "a.b", false},
      {"a.b,c.d/e", "c.d/e/f", true},
      {" a.b", "a.b", false},
      {"a.b/c/v[2-9]", "a.b/c/v3/x", true},
  };
  for (const auto& c : cases) EXPECT_EQ(match_prefix_patterns(c.patterns, c.target), c.match) << c.patterns;
}

TEST(Glob, shell_patterns) {
  struct Case {
    const char* pattern;
    const char* name;
    std::optional<bool> match;
  };
  const std::vector<Case> cases = {
      {"abc", "abc", true},
      {"*", "", true},
      {"a*", "a/b", false},
      {"a*/b", "abc/b", true},
      {"a*b*c*d", "axbxcxd", true},
      {"a*b?c*x", "abxbbxdbxebxczzy", false},
      {"ab[c]", "abc", true},
      {"ab[^c]", "abc", false},
      {"ab[b-d]", "abc", true},
      {"ab[e-g]", "abc", false},
      {"a\\*b", "a*b", true},
      {"a\\*b", "ab", false},
      {"a?b",
       "a\xC3\xA9"
       "b",
       true},
      {"a???b",
       "a\xC3\xA9"
       "b",
       false},
      {"[\xC3\xA0-\xC3\xBC]", "\xC3\xA9", true},
      {"a?b", "a/b", false},
      {"[\\]a]", "]", true},
      {"[\\-x]", "-", true},
      {"[]a]", "]", std::nullopt},
      {"[-]", "-", std::nullopt},
      {"[x-]", "x", std::nullopt},
      {"[a-b-c]", "a", std::nullopt},
      {"[", "a", std::nullopt},
      {"[^", "a", std::nullopt},
      {"a[", "x", std::nullopt},
      {"a\\", "a", std::nullopt},
      {"*x", "xxx", true},
  };
  for (const auto& c : cases) EXPECT_EQ(match_glob(c.pattern, c.name), c.match) << c.pattern << " " << c.name;
}

TEST(Glob, many_stars_take_no_exponential_time) {
  std::string pattern;
  for (int i = 0; i < 2000; ++i) pattern += "a*";
  EXPECT_EQ(match_glob(pattern + "b", std::string(4000, 'a')), false);
}

}  // namespace
}  // namespace larder::gomod
