// SPDX-License-Identifier: Apache-2.0
#include "resolve/graph.hpp"

#include <gtest/gtest.h>

#include "resolve/test_universe.hpp"

namespace larder::resolve {
namespace {

using testing::main_module;
using testing::modules;
using testing::single;
using testing::str;
using testing::Universe;

struct Loaded {
  Universe universe;
  Resolver resolver;
  Graph graph;

  Loaded(MainModules mains, std::string_view text, ResolverOptions options = {})
      : universe(text),
        resolver(std::move(mains), universe, std::move(options)),
        graph(resolver.load(resolver.mains().initial())) {}
};

struct GraphCase {
  const char* name;
  const char* main;
  const char* universe;
  const char* build_list;
  const char* text;
};

class GraphTable : public ::testing::TestWithParam<GraphCase> {};

TEST_P(GraphTable, BuildListAndLines) {
  const auto& c = GetParam();
  Loaded l(single(c.main), c.universe);
  ASSERT_TRUE(l.graph.ok()) << l.graph.error()->message();
  EXPECT_EQ(str(l.graph.build_list()), c.build_list);
  EXPECT_EQ(l.graph.text(), c.text);
  EXPECT_TRUE(l.universe.idle());
}

INSTANTIATE_TEST_SUITE_P(
    Resolve, GraphTable,
    ::testing::Values(
        GraphCase{"empty", "m 1.16:", "", "m go@1.16", "m go@1.16\n"},
        GraphCase{
            "unpruned_follows_all", "m 1.16: b@v1.0.0 a@v1.0.0",
            "a@v1.0.0 1.17: c@v1.0.0\nb@v1.0.0 -: c@v1.1.0\nc@v1.0.0 1.17: d@v1.0.0\nc@v1.1.0 -:\nd@v1.0.0 "
            "-:",
            "m a@v1.0.0 b@v1.0.0 c@v1.1.0 d@v1.0.0 go@1.16",
            "m a@v1.0.0\nm b@v1.0.0\nm go@1.16\na@v1.0.0 c@v1.0.0\nb@v1.0.0 c@v1.1.0\nc@v1.0.0 d@v1.0.0\n"},
        GraphCase{"pruned_stops_below_roots", "m 1.17: a@v1.0.0", "a@v1.0.0 1.17: c@v1.0.0 b@v1.0.0\n",
                  "m a@v1.0.0 b@v1.0.0 c@v1.0.0 go@1.17",
                  "m a@v1.0.0\nm go@1.17\na@v1.0.0 c@v1.0.0\na@v1.0.0 b@v1.0.0\n"},
        GraphCase{
            "pruned_follows_below_old_modules", "m 1.17: a@v1.0.0 x@v1.0.0",
            "a@v1.0.0 1.16: b@v1.0.0\nb@v1.0.0 1.17: c@v1.0.0\nc@v1.0.0 1.17: d@v1.0.0\nd@v1.0.0 1.17:\n"
            "x@v1.0.0 1.17: y@v1.0.0",
            "m a@v1.0.0 b@v1.0.0 c@v1.0.0 d@v1.0.0 go@1.17 x@v1.0.0 y@v1.0.0",
            "m a@v1.0.0\nm go@1.17\nm x@v1.0.0\na@v1.0.0 b@v1.0.0\nx@v1.0.0 y@v1.0.0\nb@v1.0.0 c@v1.0.0\n"
            "c@v1.0.0 d@v1.0.0\n"},
        GraphCase{
            "two_modes_of_one_module", "m 1.17: a@v1.0.0 b@v1.0.0",
            "a@v1.0.0 1.17: b@v1.0.0 c@v1.0.0\nb@v1.0.0 1.16: a@v1.0.0\nc@v1.0.0 1.17: d@v1.0.0\nd@v1.0.0 "
            "1.17:",
            "m a@v1.0.0 b@v1.0.0 c@v1.0.0 d@v1.0.0 go@1.17",
            "m a@v1.0.0\nm b@v1.0.0\nm go@1.17\na@v1.0.0 b@v1.0.0\na@v1.0.0 c@v1.0.0\nb@v1.0.0 a@v1.0.0\n"
            "c@v1.0.0 d@v1.0.0\n"},
        GraphCase{"cycle_to_older_main", "m 1.16: a@v1.0.0",
                  "a@v1.0.0 -: m@v0.1.0 a@v1.0.0\nm@v0.1.0 -: a@v0.9.0\na@v0.9.0 -: m@v0.1.0",
                  "m a@v1.0.0 go@1.16",
                  "m a@v1.0.0\nm go@1.16\na@v1.0.0 m@v0.1.0\na@v1.0.0 a@v1.0.0\nm@v0.1.0 a@v0.9.0\na@v0.9.0 "
                  "m@v0.1.0\n"},
        GraphCase{"go_and_toolchain_nodes", "m 1.21: a@v1.0.0", "a@v1.0.0 1.22.1: b@v1.0.0",
                  "m a@v1.0.0 b@v1.0.0 go@1.22.1 toolchain@go1.21",
                  "m a@v1.0.0\nm go@1.21\na@v1.0.0 b@v1.0.0\na@v1.0.0 go@1.22.1\ngo@1.21 toolchain@go1.21\n"},
        GraphCase{
            "go_below_an_old_module_brings_its_toolchain", "m 1.17: a@v1.0.0",
            "a@v1.0.0 -: b@v1.0.0\nb@v1.0.0 1.22.1:", "m a@v1.0.0 b@v1.0.0 go@1.22.1 toolchain@go1.22.1",
            "m a@v1.0.0\nm go@1.17\na@v1.0.0 b@v1.0.0\nb@v1.0.0 go@1.22.1\ngo@1.22.1 toolchain@go1.22.1\n"},
        GraphCase{
            "old_versions_count", "m 1.16: a@v1.0.0 b@v1.0.0",
            "a@v1.0.0 -: c@v1.0.0\nb@v1.0.0 -: a@v1.1.0\na@v1.1.0 -:\nc@v1.0.0 -: d@v1.0.0\nd@v1.0.0 -:",
            "m a@v1.1.0 b@v1.0.0 c@v1.0.0 d@v1.0.0 go@1.16",
            "m a@v1.0.0\nm b@v1.0.0\nm go@1.16\na@v1.0.0 c@v1.0.0\nb@v1.0.0 a@v1.1.0\nc@v1.0.0 d@v1.0.0\n"},
        GraphCase{"hostile_requirements_are_harmless", "m 1.16: a@v1.0.0",
                  "a@v1.0.0 -: go@v1.99.0 toolchain@v9.0.0", "m a@v1.0.0 go@1.16",
                  "m a@v1.0.0\nm go@1.16\na@v1.0.0 go@v1.99.0\na@v1.0.0 toolchain@v9.0.0\n"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Graph, Questions) {
  Loaded l(single("m 1.17: a@v1.0.0"), "a@v1.0.0 1.17: b@v1.0.0");
  EXPECT_EQ(l.graph.selected("b"), "v1.0.0");
  EXPECT_EQ(l.graph.selected("m"), "");
  EXPECT_EQ(l.graph.selected("x"), std::nullopt);
  EXPECT_TRUE(l.graph.all_roots_selected());
  EXPECT_TRUE(l.graph.loaded({"a", "v1.0.0"}));
  EXPECT_TRUE(l.graph.loaded({"m", ""}));
  EXPECT_FALSE(l.graph.loaded({"b", "v1.0.0"}));
  EXPECT_FALSE(l.graph.loaded({"x", "v1.0.0"}));
  EXPECT_EQ(str(l.graph.required_by({"m", ""})), "a@v1.0.0 go@1.17");
  EXPECT_EQ(str(l.graph.required_by({"b", "v1.0.0"})), "");
  EXPECT_EQ(str(l.graph.modules()), "m a@v1.0.0 go@1.17 b@v1.0.0");
  EXPECT_EQ(str(l.graph.loaded_modules()), "a@v1.0.0");
  EXPECT_EQ(str(l.graph.chain_to({"b", "v1.0.0"})), "m a@v1.0.0 b@v1.0.0");
  EXPECT_EQ(str(l.graph.chain_to({"m", ""})), "m");
  EXPECT_EQ(str(l.graph.chain_to({"b", "v2.0.0"})), "");
  EXPECT_EQ(l.graph.node_count(), 4U);
  EXPECT_EQ(l.graph.edge_count(), 3U);
}

TEST(Graph, StaysAsItWasWhenTheResolverLearnsMore) {
  Loaded l(single("m 1.17: a@v1.0.0"), "a@v1.0.0 1.17: b@v1.0.0\nb@v1.0.0 1.17: c@v1.0.0\nc@v1.0.0 1.17:");
  const auto before = l.graph.text();
  const auto wide = l.resolver.graph_for_go(l.resolver.mains().initial(), "1.16");
  ASSERT_TRUE(wide);
  EXPECT_EQ(str(wide->build_list()), "m a@v1.0.0 b@v1.0.0 c@v1.0.0 go@1.17");
  EXPECT_EQ(l.graph.text(), before);
  EXPECT_EQ(l.graph.selected("c"), std::nullopt);
  EXPECT_FALSE(l.graph.loaded({"b", "v1.0.0"}));
  EXPECT_EQ(str(l.graph.chain_to({"c", "v1.0.0"})), "");
  EXPECT_EQ(str(l.graph.required_by({"b", "v1.0.0"})), "");
  for (const auto& [module, times] : l.universe.asked) EXPECT_EQ(times, 1) << module;
}

TEST(Graph, ForcedModulesAreFollowed) {
  Universe universe("a@v1.0.0 1.17: b@v1.0.0\nb@v1.0.0 1.17: c@v1.0.0\nc@v1.0.0 1.17: d@v1.0.0");
  Resolver resolver(single("m 1.17: a@v1.0.0"), universe);
  const Graph graph = resolver.load(resolver.mains().initial(), modules("b@v1.0.0"));
  EXPECT_EQ(str(graph.build_list()), "m a@v1.0.0 b@v1.0.0 c@v1.0.0 go@1.17");
}

TEST(Graph, ExcludedRequirementsAreDroppedNotRaised) {
  auto main = main_module("m 1.16: a@v1.0.0 b@v1.0.0");
  main.exclude = modules("c@v1.5.0 b@v1.0.0");
  Loaded l(*MainModules::single(main),
           "a@v1.0.0 -: c@v1.5.0 c@v1.1.0 d@v1.0.0\nc@v1.1.0 -:\nd@v1.0.0 -: c@v1.5.0");
  ASSERT_TRUE(l.graph.ok());
  EXPECT_EQ(str(l.graph.build_list()), "m a@v1.0.0 c@v1.1.0 d@v1.0.0 go@1.16");
  EXPECT_FALSE(l.universe.asked.contains("c@v1.5.0"));
}

TEST(Graph, ReplacementsGiveRequirementsNotNames) {
  auto main = main_module("m 1.16: a@v1.0.0");
  main.replace = {{{"a", ""}, {"./dir", ""}}, {{"c", "v1.0.0"}, {"fork", "v1.9.0"}}};
  // The version excluded is the one required, whatever replaces it.
  main.exclude = modules("fork@v1.9.0");
  Loaded l(*MainModules::single(main), "./dir -: c@v1.0.0\nfork@v1.9.0 -: d@v1.0.0\nd@v1.0.0 -:");
  ASSERT_TRUE(l.graph.ok()) << l.graph.error()->message();
  EXPECT_EQ(l.graph.text(), "m a@v1.0.0\nm go@1.16\na@v1.0.0 c@v1.0.0\nc@v1.0.0 d@v1.0.0\n");
}

TEST(Graph, FailuresCarryTheChain) {
  auto main = main_module("m 1.16: a@v1.0.0 z@v1.0.0");
  main.replace = {{{"c", ""}, {"./c", ""}}, {{"d", "v1.0.0"}, {"fork", "v1.9.0"}}};
  Loaded l(
      *MainModules::single(main),
      "a@v1.0.0 -: b@v1.0.0\nb@v1.0.0 -: c@v1.0.0 d@v1.0.0\nz@v1.0.0 !module lookup disabled by GOPROXY=off\n"
      "./c !reading c/go.mod: open /w/c/go.mod: no such file or directory\nfork@v1.9.0 !gone");
  const auto failures = l.graph.failures();
  ASSERT_EQ(failures.size(), 3U);
  EXPECT_EQ(failures[0].error, Error(Kind::unavailable, "z@v1.0.0: module lookup disabled by GOPROXY=off"));
  EXPECT_EQ(l.graph.error(), failures[0].error);
  EXPECT_EQ(failures[1].error.message(),
            "a@v1.0.0 requires\n\tb@v1.0.0 requires\n\tc@v1.0.0 (replaced by ./c): reading c/go.mod: open "
            "/w/c/go.mod: no such file or directory");
  EXPECT_EQ(failures[2].error.message(),
            "a@v1.0.0 requires\n\tb@v1.0.0 requires\n\td@v1.0.0 (replaced by fork@v1.9.0): gone");
  EXPECT_EQ(str(failures[2].chain), "a@v1.0.0 b@v1.0.0 d@v1.0.0");
  EXPECT_EQ(failures[2].actual.str(), "fork@v1.9.0");
  EXPECT_EQ(failures[2].cause.message(), "gone");
  EXPECT_EQ(str(l.resolver.failed()), "c@v1.0.0 d@v1.0.0 z@v1.0.0");
}

TEST(Graph, FailureOutsideTheGraphDoesNotFailIt) {
  Loaded l(single("m 1.17: a@v1.0.0"), "a@v1.0.0 1.17: b@v1.0.0\nb@v1.0.0 !gone");
  const auto summaries = l.resolver.summaries(modules("b@v1.0.0 a@v1.0.0"));
  ASSERT_FALSE(summaries[0]);
  EXPECT_EQ(summaries[0].error().message(), "gone");
  ASSERT_TRUE(summaries[1]);
  EXPECT_EQ((*summaries[1])->module_path, "a");
  EXPECT_TRUE(l.resolver.load(l.resolver.mains().initial()).ok());
}

TEST(Graph, TooNewModules) {
  auto main = main_module("m 1.21: a@v1.0.0");
  main.replace = {{{"a", ""}, {"fork", "v1.0.0"}}};
  const char* const universe = "fork@v1.0.0 1.27.0:";
  EXPECT_TRUE(Loaded(*MainModules::single(main), universe).graph.ok());
  EXPECT_TRUE(Loaded(*MainModules::single(main), universe, {.local_go = "1.27.0"}).graph.ok());
  Loaded old(*MainModules::single(main), universe,
             {.local_go = "1.26.7", .local_go_note = "; GOTOOLCHAIN=local"});
  ASSERT_FALSE(old.graph.ok());
  EXPECT_EQ(old.graph.error()->message(),
            "a@v1.0.0: module fork@v1.0.0 requires go >= 1.27.0 (running go 1.26.7; GOTOOLCHAIN=local)");
}

TEST(Graph, DeclaredPathsAreCheckedAfterTheGoVersion) {
  Universe universe;
  universe.add({"a", "v1.0.0"}, "1.20", {}, "other");
  universe.add({"b", "v1.0.0"}, "1.30", {}, "other");
  Resolver resolver(single("m 1.16: a@v1.0.0 b@v1.0.0"), universe, {.local_go = "1.27.0"});
  const auto failures = resolver.load(resolver.mains().initial()).failures();
  ASSERT_EQ(failures.size(), 2U);
  EXPECT_EQ(
      failures[0].error.message(),
      "a@v1.0.0: parsing go.mod:\n\tmodule declares its path as: other\n\t        but was required as: a");
  EXPECT_EQ(failures[1].error.message(), "b@v1.0.0: module b@v1.0.0 requires go >= 1.30 (running go 1.27.0)");
}

TEST(Graph, LimitsFailTheModulesBeyondThem) {
  const char* const universe =
      "a@v1.0.0 -: b@v1.0.0 c@v1.0.0\nb@v1.0.0 -: d@v1.0.0 e@v1.0.0 f@v1.0.0\nc@v1.0.0 -: b@v1.0.0";
  Loaded nodes(single("m 1.16: a@v1.0.0"), universe, {.max_modules = 5});
  ASSERT_EQ(nodes.graph.failures().size(), 1U);
  EXPECT_EQ(
      nodes.graph.error()->message(),
      "a@v1.0.0 requires\n\tb@v1.0.0: the module graph is too large: more than 5 module versions or 16000000 "
      "requirements");
  EXPECT_TRUE(nodes.graph.loaded({"c", "v1.0.0"}));
  Loaded edges(single("m 1.16: a@v1.0.0"), universe, {.max_edges = 1});
  ASSERT_EQ(edges.graph.failures().size(), 1U);
  EXPECT_EQ(edges.graph.error()->message().substr(0, 41), "a@v1.0.0: the module graph is too large: ");
}

// A chain longer than any stack.
TEST(Graph, DepthCostsNoStack) {
  constexpr int k_depth = 100'000;
  Universe universe;
  for (int i = 0; i < k_depth; ++i) {
    universe.add({"p" + std::to_string(i), "v1.0.0"}, "-", {{"p" + std::to_string(i + 1), "v1.0.0"}});
  }
  universe.add({"p" + std::to_string(k_depth), "v1.0.0"}, "-", {});
  Resolver resolver(single("m 1.16: p0@v1.0.0"), universe);
  const auto list = resolver.mvs().minimal(modules("p0@v1.0.0"), {});
  ASSERT_TRUE(list);
  EXPECT_EQ(str(*list), "p0@v1.0.0");
  EXPECT_EQ(resolver.load(resolver.mains().initial()).node_count(), k_depth + 3U);
}

TEST(WorkspaceGraph, MainModulesAreRootsAndSelected) {
  auto a = main_module("a 1.21: b@v1.0.0 x@v1.0.0");
  auto b = main_module("b 1.16: y@v1.0.0");
  Loaded l(*MainModules::workspace({.go_version = "1.22"}, {b, a}),
           "b@v1.0.0 1.17: x@v1.1.0\nx@v1.0.0 1.17:\nx@v1.1.0 1.17: z@v1.0.0\ny@v1.0.0 1.17: "
           "w@v1.0.0\nw@v1.0.0 1.17:\n"
           "z@v1.0.0 1.17: q@v1.0.0");
  ASSERT_TRUE(l.graph.ok()) << l.graph.error()->message();
  EXPECT_TRUE(l.graph.all_roots_selected());
  // x was raised to v1.1.0, so what that requires is loaded as well.
  EXPECT_EQ(str(l.graph.build_list()),
            "a b go@1.22 q@v1.0.0 toolchain@go1.22 w@v1.0.0 x@v1.1.0 y@v1.0.0 z@v1.0.0");
  EXPECT_EQ(str(l.graph.required_by({"a", ""})), "b@v1.0.0 x@v1.0.0 go@1.21");
}

TEST(WorkspaceGraph, FailuresEnd) {
  auto a = main_module("a 1.21: x@v1.0.0 y@v1.0.0");
  Loaded l(*MainModules::workspace({.go_version = "1.22"}, {a}),
           "x@v1.0.0 1.17:\ny@v1.0.0 1.17: x@v1.1.0\nx@v1.1.0 !gone");
  ASSERT_EQ(l.graph.failures().size(), 1U);
  EXPECT_EQ(l.graph.error()->message(), "y@v1.0.0 requires\n\tx@v1.1.0: gone");
}

}  // namespace
}  // namespace larder::resolve
