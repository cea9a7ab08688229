// SPDX-License-Identifier: Apache-2.0
#include "sys/limits.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace larder::sys {
namespace {

TEST(Limits, OpenFilesAreRaisedAsFarAsAllowedAndNeverLowered) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low{64, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(raise_open_files(100), 100U);
  EXPECT_EQ(raise_open_files(70), 100U);
  EXPECT_EQ(raise_open_files(before.rlim_max), before.rlim_max);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

}  // namespace
}  // namespace larder::sys
