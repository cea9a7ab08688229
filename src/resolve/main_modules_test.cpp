// SPDX-License-Identifier: Apache-2.0
#include "resolve/main_modules.hpp"

#include <gtest/gtest.h>

#include "resolve/test_universe.hpp"

namespace larder::resolve {
namespace {

using testing::main_module;
using testing::modules;
using testing::str;

MainReplace replace(std::string_view from, std::string_view to) {
  return {gomod::split_module(from), gomod::split_module(to)};
}

TEST(MainModules, FromFiles) {
  const auto file = gomod::parse_mod("go.mod",
                                     "module example.com/m\ngo 1.22\ntoolchain go1.22.3\nrequire "
                                     "(\n\ta.com/a v1.0.0\n\tb.com/b v1.0.0 // indirect\n)\n"
                                     "exclude a.com/a v1.1.0\nreplace a.com/a v1.0.0 => ./a\n");
  ASSERT_TRUE(file);
  const auto m = MainModule::from(*file);
  const auto mains = MainModules::single(m);
  ASSERT_TRUE(mains);
  EXPECT_TRUE(mains->contains("example.com/m"));
  EXPECT_EQ(mains->go_version(), "1.22");
  EXPECT_TRUE(mains->excluded({"a.com/a", "v1.1.0"}));
  EXPECT_EQ(mains->actual({"a.com/a", "v1.0.0"}), (Module{"./a", ""}));
  const auto rs = mains->initial();
  EXPECT_EQ(str(rs.roots), "a.com/a@v1.0.0 b.com/b@v1.0.0 go@1.22 toolchain@go1.22.3");
  EXPECT_EQ(rs.pruning, Pruning::pruned);
  EXPECT_EQ(rs.direct, (std::set<std::string, std::less<>>{"a.com/a", "go"}));
  EXPECT_TRUE(mains->excluded_requirements().empty());
}

TEST(MainModules, InitialRootsDropExcludedAndSort) {
  auto m = main_module("m 1.16: z@v1.0.0 a@v1.1.0 a@v1.0.0 ~b@v1.0.0");
  m.exclude = modules("z@v1.0.0");
  const auto mains = MainModules::single(m);
  ASSERT_TRUE(mains);
  const auto rs = mains->initial();
  EXPECT_EQ(str(rs.roots), "a@v1.0.0 a@v1.1.0 b@v1.0.0 go@1.16");
  EXPECT_EQ(str(mains->excluded_requirements()), "z@v1.0.0");
  EXPECT_EQ(rs.pruning, Pruning::unpruned);
  EXPECT_FALSE(rs.direct.contains("z"));
}

TEST(MainModules, MissingGoLine) {
  const auto mains = testing::single("m -: a@v1.0.0");
  EXPECT_FALSE(mains.has_go_line());
  EXPECT_EQ(str(mains.initial().roots), "a@v1.0.0 go@1.16");
  const auto work = MainModules::workspace({}, {main_module("m 1.21:")});
  ASSERT_TRUE(work);
  EXPECT_FALSE(work->has_go_line());
  EXPECT_EQ(str(work->initial().roots), "go@1.18 m");
}

TEST(MainModules, ExactReplacementGoesFirst) {
  auto m = main_module("m 1.17:");
  m.replace = {replace("a", "./all"), replace("a@v1.0.0", "fork@v1.0.1"), replace("m", "./self")};
  const auto mains = *MainModules::single(m);
  EXPECT_EQ(mains.actual({"a", "v1.0.0"}).str(), "fork@v1.0.1");
  EXPECT_EQ(mains.actual({"a", "v1.2.0"}).str(), "./all");
  EXPECT_EQ(mains.replacement({"b", "v1.0.0"}), nullptr);
  EXPECT_EQ(mains.replacement({"m", ""}), nullptr);  // never the main module itself
  EXPECT_EQ(mains.replacements().size(), 3U);
}

TEST(MainModules, ConflictInOneFile) {
  auto m = main_module("m 1.17:");
  m.replace = {replace("a@v1.0.0", "./x"), replace("a@v1.0.0", "./x")};
  EXPECT_TRUE(MainModules::single(m));
  m.replace.push_back(replace("a@v1.0.0", "b@v1.0.0"));
  const auto mains = MainModules::single(m);
  ASSERT_FALSE(mains);
  EXPECT_EQ(mains.error(), Error(Kind::invalid, "conflicting replacements for a@v1.0.0:\n\t./x\n\tb@v1.0.0"));
}

Result<MainModules> two(Workspace work, std::vector<MainReplace> first, std::vector<MainReplace> second) {
  auto a = main_module("a 1.21: x@v1.0.0");
  a.dir = "/w/a";
  a.replace = std::move(first);
  auto b = main_module("b 1.22: x@v1.1.0 ~y@v1.0.0");
  b.dir = "/w/sub/b";
  b.replace = std::move(second);
  work.dir = "/w";
  return MainModules::workspace(std::move(work), {b, a});
}

TEST(Workspace, Roots) {
  const auto mains = two({.go_version = "1.23", .toolchain = "go1.23.1"}, {}, {});
  ASSERT_TRUE(mains);
  const auto rs = mains->initial();
  EXPECT_EQ(rs.pruning, Pruning::workspace);
  EXPECT_EQ(str(rs.roots), "a b go@1.23 toolchain@go1.23.1");
  EXPECT_EQ(rs.direct, (std::set<std::string, std::less<>>{"x"}));
}

TEST(Workspace, GoWorkReplacesWin) {
  const auto mains =
      two({.replace = {replace("x@v1.0.0", "./wx")}}, {replace("x", "./ax"), replace("y", "./ay")}, {});
  ASSERT_TRUE(mains);
  EXPECT_EQ(mains->actual({"x", "v1.0.0"}).str(), "./wx");
  EXPECT_EQ(mains->actual({"x", "v1.1.0"}).str(), "./a/ax");  // of which go.work says nothing
  EXPECT_EQ(mains->actual({"y", "v1.0.0"}).str(), "./a/ay");
  std::vector<bool> overridden;
  for (const auto& r : mains->replacements()) overridden.push_back(r.overridden);
  EXPECT_EQ(overridden, (std::vector<bool>{false, true, false}));
}

TEST(Workspace, DirectoriesAreRelativeToGoWork) {
  const auto mains = two({}, {replace("x", "../sub/x"), replace("o", "/abs/o"), replace("p", "..")},
                         {replace("x", "../x/"), replace("q", "../../../q")});
  ASSERT_TRUE(mains) << mains.error().message();
  EXPECT_EQ(mains->actual({"x", "v1.0.0"}).str(), "./sub/x");
  EXPECT_EQ(mains->actual({"o", "v1.0.0"}).str(), "/abs/o");
  EXPECT_EQ(mains->actual({"p", "v1.0.0"}).str(), ".");
  EXPECT_EQ(mains->actual({"q", "v1.0.0"}).str(), "../q");
}

// The modules are in the order b, a.
TEST(Workspace, OneVersionAgainstAllVersions) {
  const auto fine = two({}, {replace("x", "./all")}, {replace("x@v1.0.0", "one@v1.0.0")});
  ASSERT_TRUE(fine);
  EXPECT_EQ(fine->actual({"x", "v1.0.0"}).str(), "./a/all");
  EXPECT_FALSE(fine->replacement_conflict({"x", "v1.0.0"}));
  const auto mains = two({}, {replace("x@v1.0.0", "one@v1.0.0")}, {replace("x", "./all")});
  ASSERT_TRUE(mains);
  EXPECT_EQ(mains->actual({"x", "v1.1.0"}).str(), "./sub/b/all");
  EXPECT_FALSE(mains->replacement_conflict({"x", "v1.1.0"}));
  const auto conflict = mains->replacement_conflict({"x", "v1.0.0"});
  ASSERT_TRUE(conflict);
  EXPECT_EQ(conflict->earlier->str(), "./sub/b/all");
  EXPECT_EQ(conflict->error.message(),
            "conflicting replacements found for x@v1.0.0 in workspace modules defined by /w/sub/b/go.mod and "
            "/w/a/go.mod");
}

TEST(Workspace, Refusals) {
  const auto conflict = two({}, {replace("x", "./x")}, {replace("x", "y@v1.0.0")});
  ASSERT_FALSE(conflict);
  EXPECT_EQ(
      conflict.error().message(),
      "conflicting replacements for x:\n\ty@v1.0.0\n\t/w/a/x\nuse \"go work edit -replace x=[override]\" to "
      "resolve");
  const auto self = two({.replace = {replace("a", "./other")}}, {}, {});
  ASSERT_FALSE(self);
  EXPECT_EQ(self.error().message(),
            "workspace module a is replaced at all versions in the go.work file. To fix, remove the "
            "replacement from "
            "the go.work file or specify the version at which to replace the module.");
  EXPECT_TRUE(two({.replace = {replace("a@v1.0.0", "./other")}}, {}, {}));
  const auto twice = MainModules::workspace({}, {main_module("a 1.21:"), main_module("a 1.21:")});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().message(), "module a appears multiple times in workspace");
  EXPECT_FALSE(MainModules::workspace({}, {}));
}

}  // namespace
}  // namespace larder::resolve
