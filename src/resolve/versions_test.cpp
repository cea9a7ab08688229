// SPDX-License-Identifier: Apache-2.0
#include "resolve/versions.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "resolve/requirements.hpp"
#include "resolve/test_universe.hpp"

namespace larder::resolve {
namespace {

using testing::modules;
using testing::str;

struct OrderCase {
  const char* name;
  const char* path;
  const char* low;
  const char* high;  // "=": equal to low
};

class Order : public ::testing::TestWithParam<OrderCase> {};

TEST_P(Order, BothWays) {
  const auto& c = GetParam();
  const bool equal = std::string_view(c.high).starts_with('=');
  const std::string_view high = equal ? std::string_view(c.high).substr(1) : c.high;
  const int forth = compare_versions(c.path, c.low, high);
  const int back = compare_versions(c.path, high, c.low);
  EXPECT_EQ(forth < 0, !equal);
  EXPECT_EQ(back > 0, !equal);
}

INSTANTIATE_TEST_SUITE_P(
    Resolve, Order,
    ::testing::Values(OrderCase{"semver", "a", "v1.9.0", "v1.10.0"},
                      OrderCase{"prerelease", "a", "v1.0.0-rc", "v1.0.0"},
                      OrderCase{"none", "a", "none", "v0.0.0-0"}, OrderCase{"malformed", "a", "none", "=1.2"},
                      OrderCase{"main", "a", "v9.9.9", ""}, OrderCase{"two_mains", "a", "", "="},
                      OrderCase{"go", "go", "1.9", "1.10"},
                      OrderCase{"go_candidate", "go", "1.21", "1.21rc1"},
                      OrderCase{"go_release", "go", "1.21rc2", "1.21.0"},
                      OrderCase{"go_old", "go", "1.20", "=1.20.0"}, OrderCase{"go_none", "go", "none", "1.1"},
                      OrderCase{"toolchain", "toolchain", "go1.21.9", "go1.21.10"},
                      OrderCase{"toolchain_bare", "toolchain", "go1.21.0", "=1.21.0"},
                      OrderCase{"toolchain_suffix", "toolchain", "go1.21.0", "=go1.21.0-custom"},
                      OrderCase{"toolchain_default", "toolchain", "default", "go1"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Versions, Pruning) {
  EXPECT_EQ(pruning_for(""), Pruning::unpruned);
  EXPECT_EQ(pruning_for("1.16.15"), Pruning::unpruned);
  EXPECT_EQ(pruning_for("1.17"), Pruning::pruned);
  EXPECT_EQ(pruning_for("1.17rc1"), Pruning::unpruned);  // an old release candidate is below its release
  EXPECT_EQ(pruning_for("1.27.0"), Pruning::pruned);
}

TEST(Versions, SortingIsTotal) {
  auto list = modules("b@v1.0.0 toolchain@go1.21.0-x a@v1.10.0 a@v1.9.0 go@1.21 toolchain@go1.21.0 a@none a");
  const std::string sorted =
      "a@none a@v1.9.0 a@v1.10.0 a b@v1.0.0 go@1.21 toolchain@go1.21.0 toolchain@go1.21.0-x";
  std::ranges::sort(list, {}, &Module::version);
  do {
    auto copy = list;
    sort_modules(copy);
    ASSERT_EQ(str(copy), sorted);
  } while (std::ranges::next_permutation(list, {}, &Module::version).found);
}

TEST(Requirements, RootVersionIsTheHighestListed) {
  const Requirements rs{Pruning::pruned, modules("a@v1.0.0 a@v1.2.0 b@v1.0.0 go@1.21"), {}};
  EXPECT_EQ(rs.root_version("a"), "v1.2.0");
  EXPECT_EQ(rs.root_version("b"), "v1.0.0");
  EXPECT_EQ(rs.root_version("go"), "1.21");
  EXPECT_EQ(rs.root_version("aa"), std::nullopt);
  EXPECT_EQ(rs.root_version("z"), std::nullopt);
  EXPECT_EQ(Requirements{}.root_version("a"), std::nullopt);
}

TEST(Requirements, Override) {
  const Requirements rs{Pruning::pruned, modules("a@v1.0.0 a@v1.2.0 go@1.21"), {"a"}};
  const auto out = override_roots(rs, modules("go@1.22 a@v1.1.0 b@v1.0.0"));
  EXPECT_EQ(str(out.roots), "a@v1.1.0 b@v1.0.0 go@1.22");
  EXPECT_EQ(out.direct, rs.direct);
}

}  // namespace
}  // namespace larder::resolve
