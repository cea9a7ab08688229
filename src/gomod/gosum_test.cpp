// SPDX-License-Identifier: Apache-2.0
#include "gomod/gosum.hpp"

#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace larder::gomod {
namespace {

using Of = GoSum::Of;

const Module k_a{"example.com/a", "v1.0.0"};

TEST(GoSum, reads_and_answers) {
  const auto sum = GoSum::parse("go.sum",
                                "example.com/a v1.0.0 h1:zip\n"
                                "\n"
                                "  example.com/a\tv1.0.0/go.mod   h1:mod\r\n"
                                "example.com/a v1.0.0 h2:other\n"
                                "example.com/a v1.0.0 h1:zip");
  ASSERT_TRUE(sum);
  EXPECT_EQ(sum->size(), 2U);
  const auto zips = sum->lookup(k_a, Of::zip);
  EXPECT_EQ(std::vector(zips.begin(), zips.end()), (std::vector<std::string>{"h1:zip", "h2:other"}));
  EXPECT_TRUE(sum->has(k_a, Of::go_mod, "h1:mod"));
  EXPECT_FALSE(sum->has(k_a, Of::go_mod, "h1:zip"));
  EXPECT_FALSE(sum->has({"example.com/a", "v1.0.1"}, Of::zip));
}

TEST(GoSum, hashes_of_the_future_vouch_for_nothing) {
  const auto sum =
      GoSum::parse("go.sum", "a v1.0.0 h2:x\na v1.0.0/go.mod h2:y\na v1.0.0/go.mod h1:z\n").value();
  const Module a{"a", "v1.0.0"};
  EXPECT_FALSE(sum.has(a, GoSum::Of::zip));
  EXPECT_TRUE(sum.has(a, GoSum::Of::zip, "h2:x"));
  EXPECT_EQ(sum.lookup(a, GoSum::Of::zip).size(), 1U);
  EXPECT_TRUE(sum.has(a, GoSum::Of::go_mod));
}

TEST(GoSum, malformed_lines) {
  const std::string text = "example.com/a v1.0.0 h1:zip\n\nexample.com/a v1.0.0\nexample.com/b v1.0.0 h1:b\n";
  const auto strict = GoSum::parse("/w/go.sum", text);
  ASSERT_FALSE(strict);
  EXPECT_EQ(strict.error().kind(), Kind::invalid);
  EXPECT_EQ(strict.error().message(), "malformed go.sum:\n/w/go.sum:3: wrong number of fields 2");
  EXPECT_EQ(GoSum::parse("go.sum", "a b c d").error().message(),
            "malformed go.sum:\ngo.sum:1: wrong number of fields 4");
  EXPECT_EQ(GoSum::parse_lenient(text).str(), "example.com/a v1.0.0 h1:zip\nexample.com/b v1.0.0 h1:b\n");
}

TEST(GoSum, unicode_spaces_separate) {
  EXPECT_TRUE(GoSum::parse("go.sum",
                           "a\xC2\xA0"
                           "v1.0.0\xE2\x80\x83h1:x\n")
                  ->has({"a", "v1.0.0"}, Of::zip, "h1:x"));
}

TEST(GoSum, drops_the_hash_of_an_empty_go_mod) {
  const auto sum = GoSum::parse("go.sum",
                                "a v1.0.0/go.mod h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=\n"
                                "a v1.0.0 h1:x\n");
  ASSERT_TRUE(sum);
  EXPECT_FALSE(sum->has({"a", "v1.0.0"}, Of::go_mod));
  EXPECT_EQ(sum->str(), "a v1.0.0 h1:x\n");
}

TEST(GoSum, writes_in_gos_order) {
  const std::string sorted =
      "a v1.0.0-rc h1:1\n"
      "a v1.0.0-rc/go.mod h1:1\n"
      "a v1.0.0 h1:2\n"
      "a v1.0.0 h1:3\n"
      "a v1.0.0 h2:0\n"
      "a v1.0.0/go.mod h1:4\n"
      "a v1.9.0/go.mod h1:5\n"
      "a v1.10.0/go.mod h1:5\n"
      "a/b v0.1.0 h1:6\n"
      "b v0.0.1 h1:7\n";
  std::string reversed;
  for (std::size_t end = sorted.size() - 1; end != std::string::npos;) {
    const auto start = sorted.rfind('\n', end - 1);
    reversed += sorted.substr(start + 1, end - start);
    end = start;
    if (start == std::string::npos) break;
  }
  EXPECT_EQ(GoSum::parse("go.sum", reversed + sorted)->str(), sorted);
}

TEST(GoSum, one_key_with_all_lines_is_not_quadratic) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "a v1.0.0 h1:" + std::to_string(i) + "\n";
  const auto sum = GoSum::parse("go.sum", text + text);
  ASSERT_TRUE(sum);
  EXPECT_EQ(sum->lookup({"a", "v1.0.0"}, Of::zip).size(), 200'000U);
  EXPECT_EQ(sum->lookup({"a", "v1.0.0"}, Of::zip)[7], "h1:7");
}

TEST(GoSum, add_remove_merge) {
  GoSum sum;
  EXPECT_TRUE(sum.empty());
  EXPECT_TRUE(sum.add(k_a, Of::zip, "h1:x"));
  EXPECT_FALSE(sum.add(k_a, Of::zip, "h1:x"));
  EXPECT_TRUE(sum.add(k_a, Of::go_mod, "h1:m"));
  GoSum other;
  other.add(k_a, Of::zip, "h1:w");
  other.add({"example.com/b", "v1.0.0"}, Of::zip, "h1:b");
  sum.merge(other);
  sum.remove(k_a, Of::go_mod);
  EXPECT_EQ(sum.str(), "example.com/a v1.0.0 h1:w\nexample.com/a v1.0.0 h1:x\nexample.com/b v1.0.0 h1:b\n");
}

TEST(GoSum, entries) {
  const auto sum =
      *GoSum::parse("go.sum", "a v1.0.0/go.mod h1:2\na v1.0.0/go.mod h1:1\na v1.0.0/x h1:3\na v1.0.0 h1:0\n");
  const auto entries = sum.entries();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].of, Of::zip);
  EXPECT_EQ(entries[1].of, Of::go_mod);
  EXPECT_EQ(entries[1].module, (Module{"a", "v1.0.0"}));
  EXPECT_EQ(entries[1].hashes, (std::vector<std::string>{"h1:1", "h1:2"}));
}

RC_GTEST_PROP(GoSumProperty, what_is_written_is_read_back, ()) {
  GoSum sum;
  const auto word = rc::gen::element<std::string>("a", "b/c", "v1.0.0", "v1.0.0-x", "v2", "h1:1", "h1:2");
  const auto rows = *rc::gen::container<std::vector<std::tuple<std::string, std::string, std::string>>>(
      rc::gen::tuple(word, word, word));
  for (const auto& [path, version, hash] : rows)
    sum.add({path, version}, hash.size() % 2 == 0 ? Of::zip : Of::go_mod, hash);
  const auto again = GoSum::parse("go.sum", sum.str());
  RC_ASSERT(again.has_value());
  RC_ASSERT(again->str() == sum.str());
}

}  // namespace
}  // namespace larder::gomod
