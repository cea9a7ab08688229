// SPDX-License-Identifier: Apache-2.0
#include "sumdb/record.hpp"

#include <string>

#include <gtest/gtest.h>

namespace larder::sumdb {
namespace {

const std::string k_root = "nND/nri/U0xuHUrYSy0HtMeal2vzD9V4k/BO79C+QeI=";

TEST(TreeHead, reads_what_it_prints) {
  const auto text = "go.sum database tree\n2\n" + k_root + "\n";
  const auto tree = parse_tree_head(text);
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->size, 2U);
  EXPECT_EQ(tree->root.base64(), k_root);
  EXPECT_EQ(tree_head_text(*tree), text);
  EXPECT_EQ(parse_tree_head(text + "more\nlines\n").value(), *tree);
  EXPECT_EQ(parse_tree_head("go.sum database tree\n9223372036854775807\n" + k_root + "\n")->size,
            k_max_tree_size);
}

TEST(TreeHead, refuses) {
  const std::string cases[] = {
      "",
      "go.sum database tree\n",
      "go.sum database tree\n2\n",
      "go.sum database tree\n2\n" + k_root,
      "go.sum database tree v2\n2\n" + k_root + "\n",
      "go.sum database tree\n02\n" + k_root + "\n",
      "go.sum database tree\n-2\n" + k_root + "\n",
      "go.sum database tree\n+2\n" + k_root + "\n",
      "go.sum database tree\n\n" + k_root + "\n",
      "go.sum database tree\n9223372036854775808\n" + k_root + "\n",
      "go.sum database tree\n99999999999999999999999\n" + k_root + "\n",
      "go.sum database tree\n2\n" + k_root.substr(4) + "\n",
      "go.sum database tree\n2\n" + k_root + " \n",
      "go.sum database tree\n2\n" + k_root + "\n" + std::string(1'000'000, 'x'),
  };
  for (const auto& text : cases) {
    const auto tree = parse_tree_head(text);
    ASSERT_FALSE(tree) << text;
    EXPECT_EQ(tree.error().message(), "malformed tree note");
  }
}

TEST(Lookup, takes_the_answer_apart) {
  const auto found = parse_lookup("12\na v1 h1:x\na v1/go.mod h1:y\n\ntree\nnote\n\nsignature\n");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, 12U);
  EXPECT_EQ(found->record, "a v1 h1:x\na v1/go.mod h1:y\n");
  EXPECT_EQ(found->tree_note, "tree\nnote\n\nsignature\n");
}

TEST(Lookup, refuses) {
  const std::string cases[] = {
      "",
      "12",
      "12\n",
      "12\na v1 h1:x\n",
      "x\na v1 h1:x\n\nnote",
      "-1\na v1 h1:x\n\nnote",
      "+1\na v1 h1:x\n\nnote",
      "9223372036854775808\na v1 h1:x\n\nnote",
      "1\n\n\nnote",
      "1\na v1 h1:x\r\n\nnote",
      "1\na v1 h1:\xff\n\nnote",
      "<!DOCTYPE html>\n<html>\n\n</html>\n",
      std::string(200, '\0'),
  };
  for (const auto& text : cases) {
    const auto found = parse_lookup(text);
    ASSERT_FALSE(found) << text;
    EXPECT_EQ(found.error().message(), "malformed record data");
  }
}

TEST(Lookup, hashes_of_a_version) {
  const std::string record =
      "a v1 h1:zip\na v1/go.mod h1:mod\na v1 h2:new\na v10 h1:ten\nb v1 h1:b\na v1h1:no\n";
  using Hashes = std::vector<std::string_view>;
  EXPECT_EQ(record_hashes(record, "a", "v1"), (Hashes{"h1:zip", "h2:new"}));
  EXPECT_EQ(record_hashes(record, "a", "v1/go.mod"), (Hashes{"h1:mod"}));
  EXPECT_EQ(record_hashes(record, "b", "v1/go.mod"), Hashes());
}

}  // namespace
}  // namespace larder::sumdb
