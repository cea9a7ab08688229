// SPDX-License-Identifier: Apache-2.0
#include "app/patterns.hpp"

#include <gtest/gtest.h>

namespace larder::app {
namespace {

TEST(Patterns, dots_stand_for_any_text) {
  const struct {
    std::string_view pattern, name;
    bool matches;
  } rows[] = {
      {"a/b", "a/b", true},
      {"a/b", "a/c", false},
      {"...", "anything/at/all", true},
      {"a/...", "a/b/c", true},
      {"a/...", "a", true},
      {"a/...", "ab", false},
      {"a...", "ab", true},
      {".../b", "a/b", true},
      {".../b", "b", false},
      {"a/.../c", "a/x/y/c", true},
      {"a/.../c", "a/c", false},
      {"a...a", "a", false},
      {"a...b...c", "a1b2c", true},
      {"a...b...c", "a1c", false},
      // vendor
      {"...", "a/vendor/b", false},
      {"...", "a/vendor", true},
      {"a/vendor/...", "a/vendor/b", true},
      {"a/...", "a/vendor/b", false},
      {"a/vendor/...", "a/vendor", true},
      {"vendor/...", "vendor/b", false},
      {".../vendor/...", "a/b/vendor/c", true},
      {"a/vendors/...", "a/vendors/b", true},
  };
  for (const auto& row : rows)
    EXPECT_EQ(match_pattern(row.pattern, row.name), row.matches) << row.pattern << " " << row.name;
}

}  // namespace
}  // namespace larder::app
