// SPDX-License-Identifier: Apache-2.0
#include "base/result.hpp"

#include <cerrno>

#include <gtest/gtest.h>

namespace larder {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return fail(Kind::invalid, std::to_string(n) + " is odd");
  return n / 2;
}
Result<void> check(int n) {
  TRY(half(n));
  return {};
}
Result<int> quarter(int n) {
  return half(TRY(half(n)));
}

TEST(Result, try_passes_values_and_errors_on) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_TRUE(check(2));
  EXPECT_EQ(check(3).error().message(), "3 is odd");
  EXPECT_EQ(quarter(6).error().kind(), Kind::invalid);
}

TEST(Result, context_goes_before_the_message) {
  EXPECT_EQ(half(3).context("halving").error().message(), "halving: 3 is odd");
  EXPECT_EQ(half(4).context("halving").value(), 2);
}

TEST(Error, errno_gives_kind_and_go_spelling) {
  EXPECT_EQ(errno_error("open x", ENOENT).message(), "open x: no such file or directory");
  EXPECT_EQ(errno_error("open x", ENOENT).kind(), Kind::not_found);
  EXPECT_EQ(errno_error("open x", EACCES).kind(), Kind::forbidden);
  EXPECT_EQ(errno_error("write x", ENOSPC).kind(), Kind::io);
}

}  // namespace
}  // namespace larder
