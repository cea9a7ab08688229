// SPDX-License-Identifier: Apache-2.0
#include "cli/go_flags.hpp"

#include <gtest/gtest.h>

namespace larder::cli {
namespace {

const std::vector<GoFlagSpec> k_specs = {{"x"}, {"json", true, true}, {"go", false}};

TEST(GoFlags, one_or_two_dashes_values_joined_or_apart) {
  const auto a = parse_go_flags({"-x", "--json=Path", "-go", "1.17", "m@v1", "-x"}, k_specs, "").value();
  EXPECT_TRUE(a.has("x"));
  EXPECT_EQ(a.value("json"), "Path");
  EXPECT_EQ(a.value("go"), "1.17");
  EXPECT_EQ(a.words, (std::vector<std::string>{"m@v1", "-x"}));
}

TEST(GoFlags, goflags_come_first_and_unknown_ones_there_are_passed_over) {
  EXPECT_TRUE(parse_go_flags({}, k_specs, "-x -mod=mod").value().has("x"));
  EXPECT_FALSE(parse_go_flags({"-x=false"}, k_specs, "-x").value().has("x"));
}

TEST(GoFlags, errors_have_gos_words) {
  EXPECT_EQ(parse_go_flags({"-y"}, k_specs, "").error().message(), "flag provided but not defined: -y");
  EXPECT_EQ(parse_go_flags({"-go"}, k_specs, "").error().message(), "flag needs an argument: -go");
  EXPECT_EQ(parse_go_flags({"-x=maybe"}, k_specs, "").error().message(),
            "invalid boolean value \"maybe\" for -x: parse error");
}

TEST(GoFlags, two_dashes_alone_end_the_flags) {
  EXPECT_EQ(parse_go_flags({"--", "-x"}, k_specs, "").value().words, std::vector<std::string>{"-x"});
}

}  // namespace
}  // namespace larder::cli
