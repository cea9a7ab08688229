// SPDX-License-Identifier: Apache-2.0
#include "app/plan.hpp"

#include <map>

#include <gtest/gtest.h>

namespace larder::app {
namespace {

constexpr std::string_view k_hash = " h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydX=\n";

class PlanTest : public ::testing::Test {
 protected:
  std::map<std::string, std::string> mods_;
  Project project_;

  void main(std::string_view text, std::string_view sum = "") {
    project_.root = "/project";
    project_.modules.clear();
    project_.modules.push_back({"/project", std::string(text), gomod::parse_mod("go.mod", text).value()});
    project_.sum = gomod::GoSum::parse("go.sum", sum).value();
  }
  Plan plan(PlanOptions options = {}) {
    options.threads = 2;
    const ReadMod read = [this](const gomod::Module& m) -> Result<std::string> {
      const auto it = mods_.find(m.str());
      if (it == mods_.end()) return fail(Kind::not_found, "not there");
      return it->second;
    };
    return make_plan(project_, read, options).value();
  }
  static std::vector<std::string> names(const Plan& plan) {
    std::vector<std::string> out;
    for (const auto& want : plan.wants)
      out.push_back(want.module.str() + (want.whole ? "" : " mod") + " < " + want.needed_by);
    return out;
  }
  using Names = std::vector<std::string>;
};

TEST_F(PlanTest, sums_say_what_is_whole_and_the_graph_who_needs_it) {
  mods_["example.com/a@v1.0.0"] = "module example.com/a\n\ngo 1.16\n\nrequire example.com/b v1.0.0\n";
  mods_["example.com/b@v1.0.0"] = "module example.com/b\n";
  main("module example.com/m\n\ngo 1.21\n\nrequire example.com/a v1.0.0\n",
       "example.com/a v1.0.0" + std::string(k_hash) + "example.com/a v1.0.0/go.mod" + std::string(k_hash) +
           "example.com/b v1.0.0/go.mod" + std::string(k_hash) + "example.com/old v0.1.0/go.mod" +
           std::string(k_hash));
  const auto p = plan();
  EXPECT_TRUE(p.failures.empty());
  EXPECT_EQ(names(p),
            (Names{"example.com/a@v1.0.0 < example.com/m", "example.com/b@v1.0.0 mod < example.com/a@v1.0.0",
                   "example.com/old@v0.1.0 mod < go.sum"}));
}

TEST_F(PlanTest, what_cannot_be_read_is_wanted_and_reported) {
  main("module example.com/m\n\ngo 1.21\n\nrequire example.com/a v1.0.0\n");
  const auto p = plan();
  ASSERT_EQ(p.failures.size(), 1U);
  EXPECT_EQ(p.failures[0].message(), "example.com/a@v1.0.0: not there");
  EXPECT_EQ(names(p), (Names{"example.com/a@v1.0.0 mod < example.com/m"}));
}

TEST_F(PlanTest, replacements_are_wanted_in_place_of_the_replaced) {
  mods_["example.com/fork@v1.2.0"] = "module example.com/a\n";
  main(
      "module example.com/m\n\ngo 1.21\n\nrequire example.com/a v1.0.0\n\nreplace example.com/a => "
      "example.com/fork v1.2.0\n",
      "example.com/fork v1.2.0" + std::string(k_hash));
  EXPECT_EQ(names(plan()), (Names{"example.com/fork@v1.2.0 < example.com/m"}));
}

TEST_F(PlanTest, exempt_modules_without_sums_are_whole) {
  mods_["example.com/a@v1.0.0"] = "module example.com/a\n";
  main("module example.com/m\n\ngo 1.21\n\nrequire example.com/a v1.0.0\n");
  const auto p = plan({.vouched_without_sum = [](const gomod::Module&) { return true; }});
  EXPECT_EQ(names(p), (Names{"example.com/a@v1.0.0 < example.com/m"}));
}

TEST_F(PlanTest, the_toolchain_is_whole) {
  main("module example.com/m\n\ngo 1.99\n");
  project_.toolchain = {{"golang.org/toolchain", "v0.0.1-go1.99.0.linux-amd64"}, "the go line of go.mod"};
  EXPECT_EQ(names(plan()),
            (Names{"golang.org/toolchain@v0.0.1-go1.99.0.linux-amd64 < the go line of go.mod"}));
}

TEST_F(PlanTest, what_pruning_leaves_out_is_not_wanted_beside_a_go_sum) {
  mods_["example.com/a@v1.0.0"] = "module example.com/a\n\ngo 1.21\n\nrequire example.com/b v1.0.0\n";
  constexpr std::string_view go_mod = "module example.com/m\n\ngo 1.21\n\nrequire example.com/a v1.0.0\n";
  const PlanOptions any{.vouched_without_sum = [](const gomod::Module&) { return true; }};
  main(go_mod, "example.com/a v1.0.0" + std::string(k_hash));
  EXPECT_EQ(names(plan(any)), (Names{"example.com/a@v1.0.0 < example.com/m"}));
  main(go_mod);
  EXPECT_EQ(names(plan(any)),
            (Names{"example.com/a@v1.0.0 < example.com/m", "example.com/b@v1.0.0 < example.com/a@v1.0.0"}));
}

TEST_F(PlanTest, a_project_of_one_module_requires_it) {
  mods_["example.com/tool@v1.0.0"] = "module example.com/tool\n";
  project_ = project_of({"example.com/tool", "v1.0.0"});
  EXPECT_EQ(plan().wants.size(), 1U);
}

}  // namespace
}  // namespace larder::app
