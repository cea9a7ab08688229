// SPDX-License-Identifier: Apache-2.0
#include "resolve/summary.hpp"

#include <gtest/gtest.h>

#include "resolve/test_universe.hpp"

namespace larder::resolve {
namespace {

using testing::str;

struct Case {
  const char* name;
  const char* text;
  const char* require;
  Pruning pruning;
};

class Summary : public ::testing::TestWithParam<Case> {};

TEST_P(Summary, Requirements) {
  const auto& c = GetParam();
  const auto summary = summarize(c.text);
  ASSERT_TRUE(summary) << summary.error().message();
  EXPECT_EQ(str(summary->require), c.require);
  EXPECT_EQ(summary->pruning, c.pruning);
}

INSTANTIATE_TEST_SUITE_P(
    Resolve, Summary,
    ::testing::Values(
        Case{"bare", "module example.com/a\n", "", Pruning::unpruned},
        Case{"file_order",
             "module example.com/a\nrequire (\n\tz.com/z v1.0.0\n\tb.com/b v1.2.0 // indirect\n)\n",
             "z.com/z@v1.0.0 b.com/b@v1.2.0", Pruning::unpruned},
        Case{"go_116", "module example.com/a\ngo 1.16\nrequire b.com/b v1.0.0\n", "b.com/b@v1.0.0",
             Pruning::unpruned},
        Case{"go_117", "module example.com/a\ngo 1.17\nrequire b.com/b v1.0.0\n", "b.com/b@v1.0.0",
             Pruning::pruned},
        Case{"go_120_is_no_requirement", "module example.com/a\ngo 1.20.14\n", "", Pruning::pruned},
        Case{"go_121_comes_last", "module example.com/a\ngo 1.21\nrequire z.com/z v1.0.0\n",
             "z.com/z@v1.0.0 go@1.21", Pruning::pruned},
        Case{"go_candidate", "module example.com/a\ngo 1.21rc1\n", "go@1.21rc1", Pruning::pruned},
        Case{"toolchain_is_not_read", "module example.com/a\ngo 1.21\ntoolchain go1.22.0\n", "go@1.21",
             Pruning::pruned},
        Case{"unknown_and_main_only",
             "module example.com/a\nfrobnicate 1 2\nexclude b.com/b v1.0.0\nreplace b.com/b => ./x\nrequire "
             "b.com/b "
             "v1.0.0\n",
             "b.com/b@v1.0.0", Pruning::unpruned}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Summarize, DetailsForListing) {
  const auto summary = summarize(
      "// Deprecated: use c\nmodule example.com/a\ngo 1.22.1\n"
      "// broken\nretract [v1.0.0, v1.1.0]\n");
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->module_path, "example.com/a");
  EXPECT_EQ(summary->go_version, "1.22.1");
  EXPECT_EQ(summary->deprecated, "use c");
  EXPECT_EQ(summary->retract, (std::vector<Retraction>{{"v1.0.0", "v1.1.0", "broken"}}));
}

TEST(Summarize, DeclaredPath) {
  const auto declares_b = *summarize("module b\n");
  const auto declares_none = *summarize("go 1.17\n");
  EXPECT_TRUE(check_declared_path({"b", "v1.0.0"}, {"b", "v1.0.0"}, declares_b));
  EXPECT_TRUE(check_declared_path({"a", "v1.0.0"}, {"b", "v1.5.0"}, declares_b));
  EXPECT_TRUE(check_declared_path({"b", "v1.0.0"}, {"fork", "v1.5.0"}, declares_b));
  EXPECT_TRUE(check_declared_path({"a", "v1.0.0"}, {"./b", ""}, declares_b));
  EXPECT_TRUE(check_declared_path({"a", "v1.0.0"}, {"./b", ""}, declares_none));
  const auto other = check_declared_path({"a", "v1.0.0"}, {"fork", "v1.0.0"}, declares_b);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error(), Error(Kind::invalid,
                                 "parsing go.mod:\n\tmodule declares its path as: b\n"
                                 "\t        but was required as: a"));
  const auto none = check_declared_path({"a", "v1.0.0"}, {"a", "v1.0.0"}, declares_none);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error(), Error(Kind::invalid, "parsing go.mod: missing module line"));
}

TEST(Summarize, SyntaxErrorsNameTheFile) {
  const auto a = summarize("module example.com/a\n\nrequire \"x\n");
  ASSERT_FALSE(a);
  EXPECT_EQ(a.error().message(), "parsing go.mod: go.mod:3:11: unexpected newline in string");
  const auto b = summarize("module example.com/a\nrequire x\n", {"/work/b/go.mod", "b/go.mod"});
  ASSERT_FALSE(b);
  EXPECT_EQ(b.error().message(), "parsing b/go.mod: /work/b/go.mod:2: usage: require module/path v1.2.3");
}

}  // namespace
}  // namespace larder::resolve
