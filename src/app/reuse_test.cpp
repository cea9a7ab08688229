// SPDX-License-Identifier: Apache-2.0
#include "app/reuse.hpp"

#include <gtest/gtest.h>

namespace larder::app {
namespace {

struct Case {
  const char* name;
  std::string text;
  const char* problem;  // nullptr: none
};
class Reuse : public testing::TestWithParam<Case> {};

TEST_P(Reuse, is_checked) {
  const auto done = check_reuse("old.json", GetParam().text);
  if (GetParam().problem == nullptr) {
    EXPECT_TRUE(done) << done.error().message();
    return;
  }
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message(), std::string("parsing old.json: ") + GetParam().problem);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Reuse,
    testing::Values(Case{"nothing", "", nullptr}, Case{"space", " \n\t", nullptr}, Case{"one", "{}", nullptr},
                    Case{"two", "{\"Path\": \"a\"}{\"Path\": \"}\\\"\"}\n", nullptr},
                    Case{"nulls", "null\n{\"Path\": null} null", nullptr},
                    Case{"unknown_fields", R"({"Other": [1, {"Path": 7}], "Origin": {}})", nullptr},
                    Case{"words", "not json", "not JSON"},
                    Case{"unterminated", R"({"Path": "a")", "not JSON"},
                    Case{"stray_bracket", "{} }", "not JSON"},
                    Case{"array", "[]", "array in place of a module"},
                    Case{"second_is_text", "{} \"a\"", "string in place of a module"},
                    Case{"number", R"({"Path": 7})", "Path: number in place of a string"},
                    Case{"deep", std::string(100'000, '['), "not JSON"}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace larder::app
