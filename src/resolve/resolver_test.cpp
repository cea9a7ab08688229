// SPDX-License-Identifier: Apache-2.0
#include "resolve/resolver.hpp"

#include <gtest/gtest.h>

#include "resolve/test_universe.hpp"

namespace larder::resolve {
namespace {

using testing::main_module;
using testing::modules;
using testing::single;
using testing::str;
using testing::Universe;

// d rises to v1.1.0 through b, which brings e into the pruned graph.
constexpr const char* k_inconsistent =
    "b@v1.0.0 1.17: d@v1.1.0\nd@v1.0.0 1.17:\nd@v1.1.0 1.17: e@v1.0.0\ne@v1.0.0 1.17: f@v1.0.0";

TEST(Expand, PrunedRootsRiseToWhatIsSelected) {
  Universe universe(k_inconsistent);
  Resolver resolver(single("m 1.17: b@v1.0.0 ~d@v1.0.0"), universe);
  const auto start = resolver.initial();
  ASSERT_TRUE(start);
  const auto [rs, graph, error] = resolver.expand(*start);
  ASSERT_FALSE(error);
  EXPECT_EQ(str(rs.roots), "b@v1.0.0 d@v1.1.0 go@1.17");
  EXPECT_EQ(rs.direct, start->direct);
  EXPECT_EQ(graph.text(), "m b@v1.0.0\nm d@v1.1.0\nm go@1.17\nb@v1.0.0 d@v1.1.0\nd@v1.1.0 e@v1.0.0\n");
}

TEST(Expand, RisingGoesOnUntilNothingRises) {
  Universe universe(
      "b@v1.0.0 1.17: c@v1.1.0\nc@v1.0.0 1.17:\nc@v1.1.0 1.17: d@v1.1.0\nd@v1.0.0 1.17:\nd@v1.1.0 1.17: "
      "b@v1.1.0\n"
      "b@v1.1.0 1.22: c@v1.1.0");
  Resolver resolver(single("m 1.21: b@v1.0.0 c@v1.0.0 d@v1.0.0"), universe);
  const auto [rs, graph, error] = resolver.expand(*resolver.initial());
  ASSERT_FALSE(error);
  EXPECT_EQ(str(rs.roots), "b@v1.1.0 c@v1.1.0 d@v1.1.0 go@1.22");
  EXPECT_TRUE(graph.all_roots_selected());
}

TEST(Expand, ConsistentRootsStay) {
  Universe universe(k_inconsistent);
  Resolver resolver(single("m 1.17: b@v1.0.0 d@v1.1.0"), universe, {.readonly = true});
  const auto start = resolver.initial();
  const auto [rs, graph, error] = resolver.expand(*start);
  EXPECT_FALSE(error);
  EXPECT_EQ(rs, *start);
}

TEST(Expand, ReadonlyRefusesToRaise) {
  for (const char* const main : {"m 1.17: b@v1.0.0 d@v1.0.0", "m 1.16: b@v1.0.0 d@v1.0.0"}) {
    Universe universe(std::string(k_inconsistent) + "\nf@v1.0.0 1.17:");
    Resolver resolver(single(main), universe, {.readonly = true});
    const auto start = resolver.initial();
    const auto [rs, graph, error] = resolver.expand(*start);
    ASSERT_TRUE(error) << main;
    EXPECT_EQ(error->message(), "updates to go.mod needed; to update it:\n\tgo mod tidy");
    EXPECT_EQ(rs, *start);
    EXPECT_EQ(graph.selected("d"), "v1.1.0");
  }
}

TEST(Expand, FailureKeepsRequirementsAndGraph) {
  Universe universe("b@v1.0.0 1.17: d@v1.1.0\nd@v1.0.0 !gone");
  Resolver resolver(single("m 1.17: b@v1.0.0 d@v1.0.0"), universe);
  const auto [rs, graph, error] = resolver.expand(*resolver.initial());
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message(), "d@v1.0.0: gone");
  EXPECT_EQ(str(rs.roots), "b@v1.0.0 d@v1.0.0 go@1.17");
  EXPECT_EQ(graph.selected("d"), "v1.1.0");
}

// The graph is whole, but the one with raised roots is not.
TEST(Expand, FailureWhileRaising) {
  Universe universe("b@v1.0.0 1.17: d@v1.1.0\nd@v1.0.0 1.17:\nd@v1.1.0 !gone");
  Resolver resolver(single("m 1.17: b@v1.0.0 d@v1.0.0"), universe);
  const auto [rs, graph, error] = resolver.expand(*resolver.initial());
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message(), "d@v1.1.0: gone");
  EXPECT_TRUE(graph.ok());
  EXPECT_EQ(str(resolver.failed()), "d@v1.1.0");
}

TEST(Expand, UnprunedRootsAreReducedToWhatIsNeeded) {
  Universe universe(
      "b@v1.0.0 -: d@v1.1.0\nd@v1.0.0 -: x@v1.0.0\nd@v1.1.0 -: e@v1.0.0\ne@v1.0.0 -:\nx@v1.0.0 -:");
  Resolver resolver(single("m 1.16: b@v1.0.0 ~d@v1.0.0"), universe);
  const auto [rs, graph, error] = resolver.expand(*resolver.initial());
  ASSERT_FALSE(error);
  // d is implied by b at v1.1.0; x is there only because of d@v1.0.0 and must now be said.
  EXPECT_EQ(str(rs.roots), "b@v1.0.0 go@1.16 x@v1.0.0");
  EXPECT_EQ(str(graph.build_list()), "m b@v1.0.0 d@v1.1.0 e@v1.0.0 go@1.16 x@v1.0.0");
}

TEST(Initial, RedundantRootsAreReducedAtOnce) {
  Universe universe("a@v1.0.0 1.17:\na@v1.1.0 1.17: c@v1.0.0\nb@v1.0.0 1.17:\nm@v0.1.0 1.17:");
  Resolver resolver(single("m 1.17: a@v1.1.0 a@v1.0.0 b@v1.0.0 m@v0.1.0"), universe);
  const auto start = resolver.initial();
  ASSERT_TRUE(start);
  EXPECT_EQ(str(start->roots), "a@v1.1.0 b@v1.0.0 go@1.17");
  EXPECT_FALSE(universe.asked.contains("a@v1.0.0"));  // reduced before anything was loaded
}

TEST(Expand, RootsThatNameNoVersionBecomeNone) {
  Universe universe;
  Resolver resolver(single("m 1.17: toolchain@v1.0.0 go@v1.0.0"), universe);
  const auto [rs, graph, error] = resolver.expand(*resolver.initial());
  EXPECT_FALSE(error);
  EXPECT_EQ(str(rs.roots), "go@1.17 toolchain@none");
}

TEST(Initial, NothingIsReadForOrdinaryRoots) {
  Universe universe;
  Resolver resolver(single("m 1.17: a@v1.1.0"), universe);
  ASSERT_TRUE(resolver.initial());
  EXPECT_TRUE(universe.asked.empty());
}

TEST(Initial, MissingGoLineIsAddedWhereAsked) {
  const char* const text = "a@v1.0.0 1.17: b@v1.0.0\nb@v1.0.0 1.17: c@v1.0.0\nc@v1.0.0 1.17:";
  Universe universe(text);
  Resolver resolver(single("m -: a@v1.0.0"), universe, {.add_go_line = "1.27.0"});
  const auto start = resolver.initial();
  ASSERT_TRUE(start) << start.error().message();
  EXPECT_EQ(start->pruning, Pruning::pruned);
  EXPECT_EQ(str(start->roots), "a@v1.0.0 b@v1.0.0 c@v1.0.0 go@1.27.0 toolchain@go1.27.0");
  Universe same(text);
  Resolver as_is(single("m -: a@v1.0.0"), same);
  EXPECT_EQ(str(as_is.initial()->roots), "a@v1.0.0 go@1.16");
}

TEST(UpdateRoots, Additions) {
  Universe universe(k_inconsistent);
  Resolver resolver(single("m 1.17: b@v1.0.0"), universe);
  const auto start = *resolver.initial();
  const auto same = resolver.update_roots(start, nullptr, modules("b@v0.9.0"));
  ASSERT_TRUE(same);
  EXPECT_EQ(*same, start);
  EXPECT_TRUE(universe.asked.empty());
  const auto added = resolver.update_roots(start, nullptr, modules("d@v1.0.0 e@v1.0.0"));
  ASSERT_TRUE(added);
  EXPECT_EQ(str(added->roots), "b@v1.0.0 d@v1.1.0 e@v1.0.0 go@1.17");
}

TEST(UpdateRoots, ReadonlyAdditions) {
  Universe universe(k_inconsistent);
  Resolver resolver(single("m 1.17: b@v1.0.0"), universe, {.readonly = true, .updates_needed = "no"});
  const auto start = *resolver.initial();
  EXPECT_TRUE(resolver.update_roots(start, nullptr, modules("b@v1.0.0")));
  const auto added = resolver.update_roots(start, nullptr, modules("d@v1.0.0"));
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().message(), "no");
}

TEST(ConvertPruning, ToUnprunedDropsWhatIsImplied) {
  Universe universe("a@v1.0.0 1.17: b@v1.0.0\nb@v1.0.0 1.17: c@v1.0.0\nc@v1.0.0 1.17:");
  Resolver resolver(single("m 1.17: a@v1.0.0 ~b@v1.0.0"), universe);
  const auto rs = resolver.convert_pruning(*resolver.initial(), Pruning::unpruned);
  ASSERT_TRUE(rs);
  EXPECT_EQ(rs->pruning, Pruning::unpruned);
  // Roots at their selected version stay listed.
  EXPECT_EQ(str(rs->roots), "a@v1.0.0 b@v1.0.0 go@1.17");
}

TEST(GraphForGo, ReportsUnmodifiedRoots) {
  Universe universe(std::string(k_inconsistent) + "\nf@v1.0.0 1.17:");
  Resolver resolver(single("m 1.17: b@v1.0.0 d@v1.0.0"), universe);
  const auto start = *resolver.initial();
  EXPECT_EQ(str(resolver.graph_for_go(start, "1.16")->build_list()),
            "m b@v1.0.0 d@v1.1.0 e@v1.0.0 f@v1.0.0 go@1.17");
  EXPECT_EQ(str(resolver.graph_for_go(start, "1.17")->build_list()), "m b@v1.0.0 d@v1.1.0 go@1.17");
}

TEST(GraphForGo, Refusals) {
  Universe universe;
  Resolver strict(single("m 1.22:"), universe);
  const auto rs = *strict.initial();
  const auto old = strict.graph_for_go(rs, "1.21");
  ASSERT_FALSE(old);
  EXPECT_EQ(old.error().message(),
            "requested Go version 1.21 cannot load module graph (requires Go >= 1.22)");
  EXPECT_TRUE(strict.graph_for_go(rs, "1.22"));
  Resolver work(*MainModules::workspace({}, {main_module("m 1.18:")}), universe);
  EXPECT_FALSE(work.graph_for_go(*work.initial(), "1.16"));
}

TEST(Workspace, ExpandLeavesItAlone) {
  Universe universe(k_inconsistent);
  Resolver resolver(
      *MainModules::workspace({.go_version = "1.20"}, {main_module("m 1.17: b@v1.0.0 d@v1.0.0")}), universe,
      {.readonly = true});
  const auto start = resolver.initial();
  ASSERT_TRUE(start);
  const auto [rs, graph, error] = resolver.expand(*start);
  EXPECT_FALSE(error);
  EXPECT_EQ(rs, *start);
  EXPECT_EQ(str(graph.build_list()), "go@1.20 m b@v1.0.0 d@v1.1.0 e@v1.0.0 f@v1.0.0");
}

TEST(Summaries, OnDemandOnceAndInOrder) {
  Universe universe("a@v1.0.0 1.17:\nb@v1.0.0 1.18:");
  Resolver resolver(single("m 1.20:"), universe);
  const auto list = resolver.summaries(modules("b@v1.0.0 x@v1.0.0 a@v1.0.0 m go@1.21 b@v1.0.0"));
  ASSERT_EQ(list.size(), 6U);
  EXPECT_EQ((*list[0])->go_version, "1.18");
  EXPECT_EQ(list[1].error().kind(), Kind::not_found);
  EXPECT_EQ((*list[2])->go_version, "1.17");
  EXPECT_EQ((*list[3])->go_version, "1.20");
  EXPECT_EQ(str((*list[4])->require), "toolchain@go1.21");
  EXPECT_EQ(universe.asked.size(), 3U);
  EXPECT_EQ(universe.asked["b@v1.0.0"], 1);
}

}  // namespace
}  // namespace larder::resolve
