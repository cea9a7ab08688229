// SPDX-License-Identifier: Apache-2.0
#include "app/stock.hpp"

#include <gtest/gtest.h>

namespace larder::app {
namespace {

TEST(VouchedWithoutSum, follows_gosumdb_and_the_exemptions) {
  const gomod::Module m{"corp.example.com/x", "v1.0.0"};
  EXPECT_FALSE(vouched_without_sum({.gosumdb = "sum.example.test"}, m));
  EXPECT_TRUE(vouched_without_sum({.gosumdb = "off"}, m));
  EXPECT_TRUE(vouched_without_sum({.goprivate = "corp.example.com", .gosumdb = "sum.example.test"}, m));
  EXPECT_TRUE(vouched_without_sum({.gonosumdb = "*.example.com/x"}, m));
  EXPECT_FALSE(vouched_without_sum({.goprivate = "corp.example.com", .gonosumdb = "none"}, m));
}

}  // namespace
}  // namespace larder::app
