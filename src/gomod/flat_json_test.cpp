// SPDX-License-Identifier: Apache-2.0
#include "gomod/flat_json.hpp"

#include <gtest/gtest.h>

namespace larder::gomod {
namespace {

TEST(FlatJson, ReadsAnObjectAndTheOneInIt) {
  const auto fields = read_flat_json(
      R"({"Version":"v1.0.0","Time":"","Origin":{"VCS":"git","URL":"https://example.com/x"},"Z":"1"})");
  ASSERT_TRUE(fields);
  const std::vector<FlatField> expected = {{"", "Version", "v1.0.0"},
                                           {"", "Time", ""},
                                           {"Origin", "VCS", "git"},
                                           {"Origin", "URL", "https://example.com/x"},
                                           {"", "Z", "1"}};
  EXPECT_EQ(*fields, expected);
}

TEST(FlatJson, LeavesEverythingElseToOthers) {
  for (const auto* const text : {"",
                                 "{",
                                 "{}",
                                 "[]",
                                 "null",
                                 R"({"a":1})",
                                 R"({"a":null})",
                                 R"({"a":["b"]})",
                                 R"({"a":"b"} )",
                                 R"( {"a":"b"})",
                                 R"({"a": "b"})",
                                 R"({"a":"b"}x)",
                                 R"({"a":"b",})",
                                 R"({"a":"b)",
                                 R"({"a":"\n"})",
                                 R"({"a":"é"})",
                                 "{\"a\":\"\n\"}",
                                 R"({"a":{"b":{"c":"d"}}})",
                                 R"({"a":"b""c":"d"})",
                                 R"({"":"b"})",
                                 R"({"a":{}})",
                                 R"({"a"})"}) {
    EXPECT_FALSE(read_flat_json(text)) << text;
  }
}

}  // namespace
}  // namespace larder::gomod
