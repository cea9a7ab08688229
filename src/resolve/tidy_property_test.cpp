// SPDX-License-Identifier: Apache-2.0
// Random projects: tidy comes to rest, nearly always at once, and then a requirement that changes nothing
// when it is taken out comes back as it was.
//
// Not always at once, as with go: a root of go 1.16 that tidy adds brings requirements with it that were
// pruned before, and only the next run follows them. Worlds of that kind were tried with the real go: the
// same rounds.
#include <algorithm>
#include <array>
#include <iostream>
#include <random>

#include <gtest/gtest.h>

#include "resolve/package_loader.hpp"
#include "resolve/test_packages.hpp"
#include "resolve/test_universe.hpp"

namespace larder::resolve {
namespace {

using namespace testing;

constexpr unsigned k_worlds = 1500 / LARDER_TEST_STEP;
constexpr unsigned k_most_rounds = 6;
constexpr std::array<std::string_view, 5> k_paths = {"a.a", "b.b", "c.c", "d.d", "e.e"};
constexpr std::array<std::string_view, 3> k_versions = {"v1.0.0", "v1.1.0", "v1.2.0"};

class World {
 public:
  explicit World(unsigned seed) : random_(seed), main_go_(one_in(4) ? "1.16" : "1.21") {
    for (const auto path : k_paths) {
      for (const auto version : k_versions) add_version(path, version);
      latest_ += std::string(path) + "@" + std::string(k_versions.back()) + " ";
    }
    packages_ += "m:" + imports() + "|" + imports() + "\n";
    roots_ = requirements(2);
  }

  struct Tidied {
    bool ok = false;
    std::vector<Module> roots;  // without go
    std::string go;
    std::vector<Module> build_list;  // of the roots as they were before
    std::string notes;
  };
  Tidied tidy(const std::vector<Module>& roots, const std::string& go) const {
    Universe universe(modules_, 1);
    FakePackages source("m", packages_);
    FakeVersions versions(latest_);
    Resolver resolver(single("m " + go + ": " + str(roots)), universe);
    ImportFinder finder(resolver, source, {});
    Tidied out;
    const auto note = [&](const std::string& line) { out.notes += line + "\n"; };
    MissingImports missing(finder, &versions, note);
    PackageLoader loader(
        finder, &missing, {},
        {.tidy = true, .load_tests = true, .resolve_missing = true, .silent_missing_std = true}, note);
    const auto initial = resolver.initial();
    if (!initial) return out;
    out.build_list = resolver.load(*initial).build_list();
    out.ok = loader.load(*initial);
    out.roots = loader.requirements().requirements.roots;
    out.go = loader.go_version();
    std::erase_if(out.roots, [](const Module& m) { return is_toolchain_path(m.path); });
    return out;
  }

  const std::vector<Module>& roots() const { return roots_; }
  const std::string& go() const { return main_go_; }
  std::string text() const {
    return "go " + main_go_ + "\n" + modules_ + packages_ + "roots " + str(roots_) + "\n";
  }

 private:
  std::size_t below(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
  }
  bool one_in(std::size_t count) { return below(count) == 0; }

  std::vector<Module> requirements(std::size_t rarity) {
    std::vector<Module> out;
    for (const auto path : k_paths) {
      if (one_in(rarity)) out.push_back({std::string(path), std::string(k_versions.at(below(3)))});
    }
    return out;
  }
  std::string imports() {
    std::string out;
    for (const auto path : k_paths) {
      if (one_in(4)) out += " " + std::string(path) + (one_in(3) ? "/x" : "");
    }
    return out;
  }
  void add_version(std::string_view path, std::string_view version) {
    const auto name = std::string(path) + "@" + std::string(version);
    auto required = requirements(4);
    std::erase_if(required, [&](const Module& m) { return m.path == path; });
    modules_ += name + (one_in(3) ? " 1.16: " : " 1.21: ") + str(required) + "\n";
    packages_ += name + " " + std::string(path) + ":" + imports() + "|" + imports() + "\n";
    packages_ += name + " " + std::string(path) + "/x:" + imports() + "\n";
  }

  std::mt19937 random_;
  std::string main_go_;
  std::string modules_;
  std::string packages_;
  std::string latest_;
  std::vector<Module> roots_;
};

// Tidied until nothing changes; `rounds` says how often that took.
World::Tidied settle(const World& world, unsigned& rounds) {
  auto now = world.tidy(world.roots(), world.go());
  for (rounds = 1; now.ok && rounds < k_most_rounds; ++rounds) {
    auto next = world.tidy(now.roots, now.go);
    if (next.roots == now.roots && next.go == now.go) return next;
    now = std::move(next);
  }
  now.ok = false;
  return now;
}

// Is every root what its graph selects? tidy, go's as well, leaves a lower one where only tests of
// dependencies lead to it.
bool agrees(const World::Tidied& tidied) {
  return std::ranges::all_of(tidied.roots, [&](const Module& m) {
    return std::ranges::find(tidied.build_list, m) != tidied.build_list.end();
  });
}

TEST(TidyProperty, comes_to_rest_and_what_is_removable_comes_back) {
  unsigned tidied = 0;
  unsigned at_once = 0;
  unsigned agreeing = 0;
  unsigned removed = 0;
  for (unsigned seed = 0; seed < k_worlds; ++seed) {
    const World world(seed);
    if (!world.tidy(world.roots(), world.go()).ok) continue;
    unsigned rounds = 0;
    const auto calm = settle(world, rounds);
    ASSERT_TRUE(calm.ok) << seed << " after " << rounds << calm.notes << world.text();
    ++tidied;
    at_once += rounds == 1 ? 1 : 0;
    if (!agrees(calm)) continue;
    ++agreeing;
    for (std::size_t i = 0; i < calm.roots.size(); ++i) {
      auto less = calm.roots;
      less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
      const auto back = world.tidy(less, calm.go);
      if (back.build_list != calm.build_list) continue;  // it said something
      ++removed;
      ASSERT_TRUE(back.ok) << seed << back.notes << world.text();
      ASSERT_EQ(str(back.roots), str(calm.roots)) << seed << " without " << calm.roots[i].str() << "\n"
                                                  << world.text();
    }
  }
  EXPECT_GT(tidied, k_worlds / 2);
  EXPECT_GT(at_once, tidied - tidied / 20);
  EXPECT_GT(agreeing, tidied - tidied / 20);
  EXPECT_GT(removed, k_worlds / 4);
  std::cout << tidied << " of " << k_worlds << " projects tidied, " << at_once << " of them at once, "
            << agreeing << " to what their graph selects; " << removed << " requirements taken out\n";
}

}  // namespace
}  // namespace larder::resolve
