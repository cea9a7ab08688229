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
std::string nested(int depth) {
  std::string out = "{}";
  while (depth-- > 0) out = "{\"Replace\": " + out + "}";
  return out;
}

class OldFile : public testing::TestWithParam<Case> {};

TEST_P(OldFile, is_checked) {
  const auto done = Reuse::parse("old.json", GetParam().text);
  if (GetParam().problem == nullptr) {
    EXPECT_TRUE(done) << done.error().message();
    return;
  }
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message(), std::string("parsing old.json: ") + GetParam().problem);
}

INSTANTIATE_TEST_SUITE_P(
    Table, OldFile,
    testing::Values(
        Case{"nothing", "", nullptr}, Case{"space", " \n\t", nullptr}, Case{"one", "{}", nullptr},
        Case{"two", "{\"Path\": \"a\"}{\"Path\": \"}\\\"\"}\n", nullptr},
        Case{"nulls", "null\n{\"Path\": null} null", nullptr},
        Case{"unknown_fields", R"({"Other": [1, {"Path": 7}], "Origin": {}})", nullptr},
        Case{"words", "not json", "not JSON"}, Case{"unterminated", R"({"Path": "a")", "not JSON"},
        Case{"stray_bracket", "{} }", "not JSON"}, Case{"array", "[]", "array in place of a module"},
        Case{"second_is_text", "{} \"a\"", "string in place of a module"},
        Case{"number", R"({"Path": 7})", "Path: number in place of a string"},
        Case{"truth", R"({"Main": "yes"})", "Main: string in place of a bool"},
        Case{"versions", R"({"Versions": ["v1.0.0", 2]})", "Versions: number in place of a string"},
        Case{"time", R"({"Time": "yesterday"})", "Time: not a time"},
        Case{"origin", R"({"Origin": "git"})", "Origin: string in place of an object"},
        Case{"hash", R"({"Origin": {"Hash": []}})", "Origin.Hash: array in place of a string"},
        Case{"error", R"({"Error": {"Err": 1}})", "Error.Err: number in place of a string"},
        Case{"replace", R"({"Replace": {"Path": 1}})", "Path: number in place of a string"},
        Case{"many_replacements", nested(17), "modules in modules in modules"},
        Case{"few_replacements", nested(15), nullptr}, Case{"deep", std::string(100'000, '['), "not JSON"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(Reuse, the_last_entry_with_an_origin_is_found_by_version_and_query) {
  const auto old = Reuse::parse("old.json", R"(
    {"Path": "a.test/m", "Version": "v1.0.0", "Query": "latest", "Error": "no", "Origin": {"Hash": "1"}}
    {"Path": "a.test/m", "Version": "v1.0.0", "Error": {"Err": "yes"}, "Replace": {"Path": "b"},
     "Time": "2024-01-02T03:04:05+00:00", "Origin": {"Hash": "2"}}
    {"Path": "a.test/m", "Version": "v1.0.0", "Query": "main"})");
  ASSERT_TRUE(old) << old.error().message();
  const auto* queried = old->find("a.test/m", "latest");
  const auto* exact = old->find("a.test/m", "v1.0.0");
  ASSERT_TRUE(queried != nullptr && exact != nullptr);
  EXPECT_EQ(queried->origin->hash, "1");
  EXPECT_EQ(queried->error, "no");
  EXPECT_EQ(exact->origin->hash, "2");
  EXPECT_EQ(exact->error, "yes");
  EXPECT_EQ(exact->time, "2024-01-02T03:04:05Z");
  EXPECT_TRUE(exact->reuse);
  const ModuleFacts copy = *exact;
  EXPECT_NE(&*copy.replace, &*exact->replace);
  EXPECT_EQ(copy.replace->path, "b");
  EXPECT_EQ(old->find("a.test/m", "main"), nullptr);
  EXPECT_EQ(old->find("a.test/other", "v1.0.0"), nullptr);
}

fetch::Origin origin(std::string_view fields) {  // "hash ref tags repo": which are there
  fetch::Origin out;
  out.vcs = "git";
  if (fields.find("hash") != std::string_view::npos) out.hash = "h";
  if (fields.find("ref") != std::string_view::npos) out.ref = "r";
  if (fields.find("tags") != std::string_view::npos) out.tag_sum = "t1:";
  if (fields.find("repo") != std::string_view::npos) out.repo_sum = "r1:";
  return out;
}

TEST(Reuse, what_an_origin_must_say) {
  for (const std::string_view fields : {"hash", "ref", "tags", "repo", "hash tags", "ref tags", ""}) {
    const auto of = origin(fields);
    const bool all = fields == "repo";
    const bool commit_and_tags = fields.size() > 4 && fields != "ref";
    EXPECT_EQ(can_answer(of, "v1.0.0"), !fields.empty()) << fields;
    for (const auto* query : {"main", "HEAD", "v1.0.0+meta", "0123456789ab"})
      EXPECT_EQ(can_answer(of, query), all || commit_and_tags) << fields << " " << query;
    for (const auto* query : {"latest", "v1", "<v2.0.0", ">=v1.0.0"})
      EXPECT_EQ(can_answer(of, query), all || fields.ends_with("tags")) << fields << " " << query;
  }
}

TEST(Reuse, origins_are_joined_unless_they_contradict_each_other) {
  using Maybe = std::optional<fetch::Origin>;
  EXPECT_EQ(merge_origins(origin("hash ref"), origin("tags")), Maybe(origin("hash ref tags")));
  EXPECT_EQ(merge_origins(origin("tags"), origin("hash ref tags")), Maybe(origin("hash ref tags")));
  EXPECT_EQ(merge_origins(std::nullopt, origin("hash")), std::nullopt);
  EXPECT_EQ(merge_origins(origin("hash"), std::nullopt), std::nullopt);
  for (auto field :
       {&fetch::Origin::vcs, &fetch::Origin::url, &fetch::Origin::subdir, &fetch::Origin::hash,
        &fetch::Origin::ref, &fetch::Origin::tag_sum, &fetch::Origin::tag_prefix, &fetch::Origin::repo_sum}) {
    const auto one = origin("hash ref tags repo");
    auto other = one;
    other.*field += "x";
    EXPECT_EQ(merge_origins(one, other), std::nullopt);
    EXPECT_EQ(merge_origins(other, other), Maybe(other));
  }
}

}  // namespace
}  // namespace larder::app
