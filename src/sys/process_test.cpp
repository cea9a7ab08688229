// SPDX-License-Identifier: Apache-2.0
#include "sys/process.hpp"

#include <gtest/gtest.h>

namespace larder::sys {
namespace {

TEST(Process, captures_both_streams_and_the_status) {
  const auto outcome = run_captured({.argv = {"sh", "-c", "echo out; echo err >&2; exit 3"}}).value();
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_EQ(outcome.out, "out\n");
  EXPECT_EQ(outcome.err, "err\n");
}

TEST(Process, environment_and_directory_are_the_given_ones) {
  const Environment environment = {{"PATH", env("PATH").value_or("")}, {"X", "1"}};
  const auto outcome =
      run_captured({.argv = {"sh", "-c", "echo $X $Y; pwd"}, .environment = environment, .directory = "/"})
          .value();
  EXPECT_EQ(outcome.out, "1\n/\n");
}

TEST(Process, output_is_bounded) {
  const auto outcome = run_captured({.argv = {"sh", "-c", "yes | head -c 100000"}}, 1000).value();
  EXPECT_EQ(outcome.out.size(), 1000U);
  EXPECT_EQ(outcome.exit_code, 0);
}

TEST(Process, signals_count_from_128) {
  EXPECT_EQ(run_captured({.argv = {"sh", "-c", "kill -9 $$"}}).value().exit_code, 137);
}

TEST(Process, failures_to_start_say_why) {
  EXPECT_EQ(run({.argv = {"no-such-program"}}).error().message(),
            "exec: \"no-such-program\": executable file not found in $PATH");
  EXPECT_EQ(run({.argv = {"true"}, .directory = "/no/such"}).error().message(),
            "chdir /no/such: no such file or directory");
}

}  // namespace
}  // namespace larder::sys
