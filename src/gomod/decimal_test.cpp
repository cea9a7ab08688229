// SPDX-License-Identifier: Apache-2.0
#include "gomod/decimal.hpp"

#include <array>

#include <gtest/gtest.h>

namespace larder::gomod {
namespace {

TEST(Decimal, PlusAndMinusOne) {
  struct Case {
    std::string_view below, above;
  };
  constexpr std::array k_cases = {
      Case{"0", "1"},
      Case{"9", "10"},
      Case{"199", "200"},
      Case{"99999999999999999999999", "100000000000000000000000"},
  };
  for (const auto& c : k_cases) {
    EXPECT_EQ(plus_one(c.below), c.above);
    EXPECT_EQ(minus_one(c.above), c.below);
  }
}

TEST(Decimal, NothingIsBelowZero) {
  EXPECT_EQ(minus_one("0"), "");
  EXPECT_EQ(minus_one(""), "");
}

}  // namespace
}  // namespace larder::gomod
