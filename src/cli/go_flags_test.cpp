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
  EXPECT_EQ(parse_go_flags({"-h"}, k_specs, "").error().message(), "");
  EXPECT_EQ(parse_go_flags({"-x", "-C", "d"}, k_specs, "").error().message(),
            "invalid value \"d\" for flag -C: -C flag must be first flag on command line");
  EXPECT_EQ(parse_go_flags({"--C"}, k_specs, "").error().message(), "flag needs an argument: -C");
}

TEST(GoFlags, switches_with_a_value_are_switches_too) {
  EXPECT_EQ(parse_go_flags({"-json"}, k_specs, "").value().value("json"), "true");
  EXPECT_FALSE(parse_go_flags({"-json=0"}, k_specs, "").value().has("json"));
  EXPECT_EQ(parse_go_flags({"-json=T"}, k_specs, "").value().value("json"), "true");
}

TEST(GoFlags, two_dashes_alone_end_the_flags) {
  EXPECT_EQ(parse_go_flags({"--", "-x"}, k_specs, "").value().words, std::vector<std::string>{"-x"});
}

}  // namespace
}  // namespace larder::cli
