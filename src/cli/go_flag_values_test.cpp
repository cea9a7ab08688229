// SPDX-License-Identifier: Apache-2.0
#include "cli/go_flag_values.hpp"

#include <gtest/gtest.h>

namespace larder::cli {
namespace {

// Each as go 1.26 has it.
TEST(GoFlagValues, integers) {
  for (const auto* good : {"0", "7", "-1", "+3", "0x1F", "0X_1f", "0b101", "0o17", "017", "1_000", "0_7",
                           "9223372036854775807", "-9223372036854775808"}) {
    EXPECT_EQ(fault_of_integer(good), std::nullopt) << good;
  }
  for (const auto* bad : {"", "x", "-", "+", "1e3", "0x", "0b2", "08", "_1", "1_", "1__0", "0x_", "--1",
                          "+-1", "1 ", "0x-1", "0x+1", "1.0"}) {
    EXPECT_EQ(fault_of_integer(bad), "parse error") << bad;
  }
  for (const auto* large : {"9223372036854775808", "-9223372036854775809", "0x10000000000000000"}) {
    EXPECT_EQ(fault_of_integer(large), "value out of range") << large;
  }
}

TEST(GoFlagValues, parallel) {
  EXPECT_EQ(fault_of_parallel("0x10"), std::nullopt);
  EXPECT_EQ(fault_of_parallel("0"), "go: -p must be a positive integer: 0");
  EXPECT_EQ(fault_of_parallel("-0x10"), "go: -p must be a positive integer: -16");
}

TEST(GoFlagValues, names) {
  EXPECT_EQ(fault_of_compiler("gccgo"), std::nullopt);
  EXPECT_EQ(fault_of_compiler(""), "unknown compiler \"\"");
  EXPECT_EQ(fault_of_cover_mode("atomic"), std::nullopt);
  EXPECT_EQ(fault_of_cover_mode("x"), "valid modes are \"set\", \"count\", or \"atomic\"");
  EXPECT_EQ(fault_of_build_mode("c-shared"), std::nullopt);
  EXPECT_EQ(fault_of_build_mode(""), "buildmode= not supported");
}

TEST(GoFlagValues, words_and_patterns) {
  for (const auto* good : {"", "  ", "-N -l", "all=-N 'a b'", "a=", "a b=c"}) {
    EXPECT_EQ(fault_of_per_package(good), std::nullopt) << good;
  }
  EXPECT_EQ(fault_of_per_package("all"), "missing =<value> in <pattern>=<value>");
  EXPECT_EQ(fault_of_per_package(" =x"), "missing <pattern> in <pattern>=<value>");
  EXPECT_EQ(fault_of_per_package("a=-N 'x"), "unterminated ' string");
  EXPECT_EQ(fault_of_per_package(" -N \"x"), "unterminated \" string");
  EXPECT_EQ(fault_of_words("\"x"), "unterminated \" string");
}

}  // namespace
}  // namespace larder::cli
