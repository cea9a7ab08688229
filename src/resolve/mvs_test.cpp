// SPDX-License-Identifier: Apache-2.0
// Minimal version selection against brute force: all graphs of 2 modules x 3 versions, and many of up to
// 4 modules x 3 versions.
#include "resolve/mvs.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <random>

#include <gtest/gtest.h>

#include "resolve/test_universe.hpp"

namespace larder::resolve {
namespace {

using testing::modules;
using testing::single;
using testing::str;
using testing::Universe;

constexpr int k_versions = 3;

// requires[node][path] is 0 (nothing) or the version 1..3 it requires of that path; node 0 is the main
// module, node 1 + 3p + (v-1) is version v of path p.
struct Instance {
  int paths = 0;
  std::array<std::array<int, 4>, 13> require{};
  int nodes() const { return 1 + paths * k_versions; }
};

int node_of(int path, int version) {
  return 1 + path * k_versions + version - 1;
}
Module module_of(int path, int version) {
  return {std::string(1, static_cast<char>('a' + path)), "v1." + std::to_string(version) + ".0"};
}

std::vector<Module> list_of(const Instance& in, int node) {
  std::vector<Module> list;
  for (int p = 0; p < in.paths; ++p) {
    const int v = in.require.at(static_cast<std::size_t>(node)).at(static_cast<std::size_t>(p));
    if (v > 0) list.push_back(module_of(p, v));
  }
  return list;
}

Universe universe_of(const Instance& in, unsigned seed) {
  Universe u({}, seed);
  for (int p = 0; p < in.paths; ++p) {
    for (int v = 1; v <= k_versions; ++v) u.add(module_of(p, v), "-", list_of(in, node_of(p, v)));
  }
  return u;
}

// By transitive closure of the adjacency matrix; `extra[p]`: whoever is at path p also requires that version.
std::vector<Module> oracle(const Instance& in, const std::vector<Module>& roots,
                           const std::array<int, 4>& extra = {}) {
  std::array<std::bitset<13>, 13> reach{};
  const auto edge = [&](int from, int path, int version) {
    reach.at(static_cast<std::size_t>(from)).set(static_cast<std::size_t>(node_of(path, version)));
  };
  for (const Module& m : roots) edge(0, m.path[0] - 'a', m.version[3] - '0');
  for (int n = 1; n < in.nodes(); ++n) {
    for (const Module& m : list_of(in, n)) edge(n, m.path[0] - 'a', m.version[3] - '0');
    const int path = (n - 1) / k_versions;
    if (const int to = extra.at(static_cast<std::size_t>(path)); to > 0) edge(n, path, to);
  }
  for (std::size_t k = 0; k < 13; ++k) {
    for (std::size_t i = 0; i < 13; ++i) {
      if (reach.at(i).test(k)) reach.at(i) |= reach.at(k);
    }
  }
  std::vector<Module> list;
  for (int p = 0; p < in.paths; ++p) {
    for (int v = k_versions; v >= 1; --v) {
      if (!reach[0].test(static_cast<std::size_t>(node_of(p, v)))) continue;
      list.push_back(module_of(p, v));
      break;
    }
  }
  return list;
}

class Steps : public VersionHistory {
 public:
  Result<std::string> previous(const Module& m) override {
    const char v = m.version[3];
    return v == '1' ? std::string(k_none) : "v1." + std::string(1, static_cast<char>(v - 1)) + ".0";
  }
};

void check_minimal(const Instance& in, const std::vector<Module>& roots, Mvs mvs, unsigned base_bits) {
  const auto want = oracle(in, roots);
  std::vector<std::string> base;
  for (const Module& m : want) {
    if ((base_bits >> static_cast<unsigned>(m.path[0] - 'a') & 1U) != 0) base.push_back(m.path);
  }
  const auto list = mvs.minimal(roots, base);
  ASSERT_TRUE(list);
  ASSERT_EQ(str(oracle(in, *list)), str(want)) << str(*list);
  for (const std::string& path : base) ASSERT_TRUE(std::ranges::count(*list, path, &Module::path) == 1);
  for (const Module& m : *list) {
    if (std::ranges::count(base, m.path) > 0) continue;
    auto fewer = *list;
    std::erase(fewer, m);
    ASSERT_NE(str(oracle(in, fewer)), str(want)) << m.str() << " is not needed in " << str(*list);
  }
}

void check_upgrade(const Instance& in, const std::vector<Module>& roots, Mvs mvs,
                   const std::array<int, 4>& extra) {
  std::vector<Module> to;
  auto all = roots;
  for (int p = 0; p < in.paths; ++p) {
    const int v = extra.at(static_cast<std::size_t>(p));
    if (v == 0) continue;
    to.push_back(module_of(p, v));
    if (std::ranges::count(roots, to.back().path, &Module::path) == 0) all.push_back(to.back());
  }
  const auto list = mvs.upgrade(roots, to);
  ASSERT_TRUE(list);
  ASSERT_EQ(str(*list), str(oracle(in, all, extra)));
}

// No module is above its limit or its former version, and the result is a build list.
void check_downgrade(const Instance& in, const std::vector<Module>& roots, Mvs mvs, const Module& to) {
  Steps steps;
  const auto before = oracle(in, roots);
  const auto list = mvs.downgrade(roots, modules(to.str()), steps);
  ASSERT_TRUE(list);
  ASSERT_EQ(str(oracle(in, *list)), str(*list));
  for (const Module& m : *list) {
    const auto was = std::ranges::find(before, m.path, &Module::path);
    // An old version may require what the new one no longer does.
    if (was != before.end()) {
      ASSERT_LE(m.version, was->version);
    }
    if (m.path == to.path) {
      ASSERT_LE(m.version, to.version);
    }
  }
  // Nothing is lowered without need.
  if (std::ranges::none_of(before,
                           [&](const Module& m) { return m.path == to.path && m.version > to.version; })) {
    ASSERT_EQ(str(*list), str(before));
  }
}

void check(const Instance& in, unsigned seed) {
  auto universe = universe_of(in, seed);
  Resolver resolver(single("m 1.16:"), universe);
  const auto roots = list_of(in, 0);
  const auto list = resolver.mvs().build_list(roots);
  ASSERT_TRUE(list);
  ASSERT_EQ(str(*list), str(oracle(in, roots))) << "roots " << str(roots);
  check_minimal(in, roots, resolver.mvs(), seed);
  check_upgrade(in, roots, resolver.mvs(), in.require.at(1 + seed % 3));
  check_downgrade(in, roots, resolver.mvs(),
                  module_of(static_cast<int>(seed) % in.paths, 1 + static_cast<int>(seed / 7) % k_versions));
  for (const auto& [module, times] : universe.asked) ASSERT_EQ(times, 1) << module;
}

TEST(MvsOracle, EveryGraphOfTwoModules) {
  Instance in{.paths = 2};
  constexpr unsigned k_count =
      1U << 16U;  // 4 x 4 for the main module, 4 for each version (on the other path)
  for (unsigned code = 0; code < k_count; code += LARDER_TEST_STEP) {
    unsigned rest = code;
    const auto digit = [&] {
      const unsigned d = rest & 3U;
      rest >>= 2U;
      return static_cast<int>(d);
    };
    in.require[0] = {digit(), digit()};
    for (std::size_t n = 1; n < 7; ++n) in.require.at(n).at(n < 4 ? 1 : 0) = digit();
    ASSERT_NO_FATAL_FAILURE(check(in, code % 101)) << "code " << code;
  }
}

TEST(MvsOracle, SamplesOfFourModules) {
  std::mt19937 random(20240817);
  const auto below = [&](int n) { return std::uniform_int_distribution<int>(0, n - 1)(random); };
  for (unsigned round = 0; round < 20'000 / LARDER_TEST_STEP; ++round) {
    Instance in{.paths = 1 + below(4)};
    const int density = 1 + below(4);
    for (auto& list : in.require) {
      for (int p = 0; p < in.paths; ++p)
        list.at(static_cast<std::size_t>(p)) = below(4) < density ? below(4) : 0;
    }
    ASSERT_NO_FATAL_FAILURE(check(in, round)) << "round " << round;
  }
}

// The worked example of the paper on minimal version selection.
constexpr const char* k_paper =
    "b@v1.1.0 -: d@v1.1.0\nb@v1.2.0 -: d@v1.3.0\nc@v1.1.0 -:\nc@v1.2.0 -: d@v1.4.0\nc@v1.3.0 -: f@v1.1.0\n"
    "d@v1.1.0 -: e@v1.1.0\nd@v1.2.0 -: e@v1.1.0\nd@v1.3.0 -: e@v1.2.0\nd@v1.4.0 -: e@v1.2.0\n"
    "e@v1.1.0 -:\ne@v1.2.0 -:\ne@v1.3.0 -:\nf@v1.1.0 -: g@v1.1.0\ng@v1.1.0 -: f@v1.1.0\n";

struct Paper : ::testing::Test {
  Universe universe{k_paper};
  Resolver resolver{single("m 1.16:"), universe};
  Mvs mvs = resolver.mvs();
  std::vector<Module> roots = modules("b@v1.2.0 c@v1.2.0");
  Steps steps;
};

TEST_F(Paper, BuildList) {
  EXPECT_EQ(str(*mvs.build_list(roots)), "b@v1.2.0 c@v1.2.0 d@v1.4.0 e@v1.2.0");
}

TEST_F(Paper, Minimal) {
  EXPECT_EQ(str(*mvs.minimal(modules("b@v1.2.0 c@v1.2.0 d@v1.4.0 e@v1.2.0"), {})), "b@v1.2.0 c@v1.2.0");
  const std::array<std::string, 2> base{"e", "unknown"};
  EXPECT_EQ(str(*mvs.minimal(roots, base)), "b@v1.2.0 c@v1.2.0 e@v1.2.0");
}

TEST_F(Paper, Upgrade) {
  EXPECT_EQ(str(*mvs.upgrade(roots, modules("c@v1.3.0"))),
            "b@v1.2.0 c@v1.3.0 d@v1.4.0 e@v1.2.0 f@v1.1.0 g@v1.1.0");
  EXPECT_EQ(str(*mvs.upgrade(roots, modules("e@v1.3.0 e@v1.1.0"))), "b@v1.2.0 c@v1.2.0 d@v1.4.0 e@v1.3.0");
}

TEST_F(Paper, Downgrade) {
  EXPECT_EQ(str(*mvs.downgrade(roots, modules("d@v1.2.0"), steps)), "b@v1.1.0 c@v1.1.0 d@v1.2.0 e@v1.2.0");
  EXPECT_EQ(str(*mvs.downgrade(roots, modules("d@none"), steps)), "c@v1.1.0 e@v1.2.0");
}

TEST_F(Paper, ErrorsNameTheWay) {
  const auto missing = mvs.build_list(modules("f@v1.1.0 x@v1.0.0"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error(), Error(Kind::not_found, "x@v1.0.0: no such module"));
  const auto upgraded = mvs.upgrade(roots, modules("c@v1.9.0"));
  ASSERT_FALSE(upgraded);
  EXPECT_EQ(upgraded.error().message(), "c@v1.2.0 updating to\n\tc@v1.9.0: no such module");
}

TEST_F(Paper, HistoryMustGoDown) {
  struct Stuck : VersionHistory {
    Result<std::string> previous(const Module& m) override { return m.version; }
  } stuck;
  const auto list = mvs.downgrade(roots, modules("d@v1.2.0"), stuck);
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().kind(), Kind::internal);
}

}  // namespace
}  // namespace larder::resolve
