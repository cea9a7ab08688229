// SPDX-License-Identifier: Apache-2.0
// Pruned loading against a plain reading of the rule, on random graphs; and independence of the answers'
// order.
#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "resolve/test_universe.hpp"

namespace larder::resolve {
namespace {

using testing::main_module;
using testing::str;
using testing::Universe;

struct Sample {
  std::map<Module, std::pair<std::string, std::vector<Module>>> modules;
  MainModule main;
  std::vector<MainModule> peers;

  Universe universe(unsigned seed) const {
    Universe u({}, seed);
    for (const auto& [m, what] : modules) u.add(m, what.first, what.second);
    return u;
  }
};

Sample random_sample(unsigned seed) {
  std::mt19937 random(seed);
  const auto below = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
  };
  const std::array<std::string, 5> go_lines{"-", "1.16", "1.17", "1.20", "1.22.1"};
  const std::size_t paths = 2 + below(7);
  const auto any = [&] {
    return Module{std::string(1, static_cast<char>('a' + below(paths))),
                  "v1." + std::to_string(below(4)) + ".0"};
  };
  const auto list = [&] {
    std::vector<Module> out;
    for (std::size_t n = below(4); n > 0; --n) {
      if (Module m = any(); std::ranges::count(out, m.path, &Module::path) == 0) out.push_back(std::move(m));
    }
    return out;
  };
  Sample s;
  const auto main = [&](const char* path) {
    MainModule m;
    m.path = path;
    m.go_version = go_lines.at(1 + below(4));
    for (const Module& r : list()) m.require.push_back({r, below(2) == 0});
    return m;
  };
  for (std::size_t p = 0; p < paths; ++p) {
    for (int v = 0; v < 4; ++v) {
      const Module m{std::string(1, static_cast<char>('a' + p)), "v1." + std::to_string(v) + ".0"};
      s.modules[m] = {go_lines.at(below(5)), list()};
    }
  }
  s.main = main("m");
  s.peers = {main("m"), main("n")};
  return s;
}

// The rule in its own words: a set of (module, followed without limit?) grows until it is closed.
std::string oracle_build_list(const Sample& s, const Requirements& rs) {
  const auto requirements = [&](const Module& m) -> std::pair<bool, std::vector<Module>> {
    if (m.path == "toolchain") return {false, {}};
    if (m.path == "go") {
      if (m.version < "1.21") return {false, {}};
      return {false, {{"toolchain", "go" + m.version}}};
    }
    auto [go, list] = s.modules.at(m);
    if (go == "1.22.1") list.push_back({"go", go});
    return {go == "-" || go == "1.16", list};
  };
  std::set<std::pair<Module, bool>> closed;
  for (const Module& m : rs.roots) closed.insert({m, rs.pruning == Pruning::unpruned});
  std::set<Module> seen(rs.roots.begin(), rs.roots.end());
  for (std::size_t before = 0; before != closed.size();) {
    before = closed.size();
    for (const auto& [m, unlimited] : std::set(closed)) {
      const auto [old, list] = requirements(m);
      for (const Module& r : list) {
        seen.insert(r);
        if (unlimited || old) closed.insert({r, true});
      }
    }
  }
  std::map<std::string, Module> highest;
  for (const Module& m : seen) {
    auto& at = highest[m.path];
    if (at.path.empty() || compare_versions(m.path, at.version, m.version) < 0) at = m;
  }
  std::string out = "m";
  for (const auto& [path, m] : highest) out += " " + m.str();
  return out;
}

TEST(Pruning, MatchesTheRuleOnRandomGraphs) {
  for (unsigned seed = 0; seed < 4000 / LARDER_TEST_STEP; ++seed) {
    const Sample s = random_sample(seed);
    auto universe = s.universe(seed);
    Resolver resolver(*MainModules::single(s.main), universe);
    const auto rs = resolver.mains().initial();
    const Graph graph = resolver.load(rs);
    ASSERT_TRUE(graph.ok());
    ASSERT_EQ(str(graph.build_list()), oracle_build_list(s, rs)) << "seed " << seed;
    const auto [fixed, consistent, error] = resolver.expand(rs);
    ASSERT_FALSE(error);
    ASSERT_TRUE(consistent.all_roots_selected()) << "seed " << seed;
    ASSERT_EQ(str(consistent.build_list()), oracle_build_list(s, fixed)) << "seed " << seed;
  }
}

TEST(Pruning, AnswersMayComeInAnyOrder) {
  for (unsigned seed = 0; seed < 400; ++seed) {
    Sample s = random_sample(seed);
    s.modules.erase({"b", "v1.2.0"});  // some failures
    const bool workspace = seed % 2 == 1;
    std::string first;
    for (unsigned order = 0; order < 6; ++order) {
      auto universe = s.universe(order);
      auto mains =
          workspace ? MainModules::workspace({.go_version = "1.22"}, s.peers) : MainModules::single(s.main);
      Resolver resolver(*std::move(mains), universe);
      const Graph graph = resolver.load(resolver.mains().initial());
      std::string all = graph.text() + str(graph.build_list()) + str(graph.loaded_modules());
      for (const auto& f : graph.failures()) all += f.error.message();
      if (order == 0) first = all;
      ASSERT_EQ(all, first) << "seed " << seed << " order " << order;
      ASSERT_TRUE(universe.idle());
      for (const auto& [module, times] : universe.asked) ASSERT_EQ(times, 1) << module;
    }
  }
}

TEST(Pruning, UnprunedUpdateKeepsTheBuildList) {
  for (unsigned seed = 0; seed < 2000 / LARDER_TEST_STEP; ++seed) {
    Sample s = random_sample(seed);
    s.main.go_version = "1.16";
    auto universe = s.universe(seed);
    Resolver resolver(*MainModules::single(s.main), universe);
    const auto rs = resolver.mains().initial();
    const Graph graph = resolver.load(rs);
    const auto updated = resolver.update_roots(rs, &graph);
    ASSERT_TRUE(updated);
    ASSERT_EQ(str(resolver.load(*updated).build_list()), str(graph.build_list())) << "seed " << seed;
    for (const std::string& path : rs.direct) ASSERT_TRUE(updated->root_version(path)) << path;
    // Pruned with every module as a root: the same modules again.
    const auto pruned = resolver.convert_pruning(rs, Pruning::pruned);
    ASSERT_TRUE(pruned);
    ASSERT_EQ(pruned->pruning, Pruning::pruned);
    ASSERT_EQ(str(resolver.load(*pruned).build_list()), str(graph.build_list())) << "seed " << seed;
  }
}

}  // namespace
}  // namespace larder::resolve
