// SPDX-License-Identifier: Apache-2.0
#include "sys/lock.hpp"

#include <gtest/gtest.h>

namespace larder::sys {
namespace {

TEST(FileLock, excludes_until_released) {
  const auto temp = TempDir::create().value();
  const Path path = temp.path() / "x.lock";
  {
    const auto held = FileLock::exclusive(path).value();
    EXPECT_FALSE(FileLock::try_exclusive(path).value());
  }
  EXPECT_TRUE(FileLock::try_exclusive(path).value());
}

TEST(FileLock, shared_needs_the_file_and_shares) {
  const auto temp = TempDir::create().value();
  const Path path = temp.path() / "x";
  EXPECT_EQ(FileLock::shared(path).error().kind(), Kind::not_found);
  ASSERT_TRUE(write_file(path, as_bytes("abc")));
  const auto one = FileLock::shared(path).value();
  const auto two = FileLock::shared(path).value();
  EXPECT_EQ(two.read().value(), "abc");
  EXPECT_FALSE(FileLock::try_exclusive(path).value());
}

TEST(FileLock, replace_shrinks_and_grows) {
  const auto temp = TempDir::create().value();
  const auto lock = FileLock::exclusive(temp.path() / "x").value();
  for (const auto* text : {"long content", "s", ""}) {
    ASSERT_TRUE(lock.replace(as_bytes(text)));
    EXPECT_EQ(lock.read().value(), text);
  }
  EXPECT_EQ(lock.read(0).value(), "");
}

}  // namespace
}  // namespace larder::sys
