// SPDX-License-Identifier: Apache-2.0
#include "index/shelf.hpp"

#include <array>
#include <ctime>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace larder::index {
namespace {

class ShelfTest : public ::testing::Test {
 protected:
  sys::TempDir temp_ = *sys::TempDir::create();
  sys::Path root_ = temp_.path() / "cache" / "index";

  void set_age(const std::string& name, std::int64_t seconds) const {
    const std::array<timespec, 2> times = {timespec{std::time(nullptr) - seconds, 0},
                                           timespec{std::time(nullptr) - seconds, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, (root_ / name).c_str(), times.data(), 0), 0);
  }
};

TEST_F(ShelfTest, HoldsFiles) {
  const Shelf shelf(root_);
  EXPECT_EQ(shelf.read("a/b.idx"), std::nullopt);
  shelf.write("a/b.idx", "one");
  EXPECT_EQ(shelf.read("a/b.idx"), "one");
  shelf.write("a/b.idx", "two");
  EXPECT_EQ(shelf.read("a/b.idx"), "two");
}

TEST_F(ShelfTest, TakesAndGivesNothingTooLarge) {
  const Shelf large(root_);
  large.write("a.idx", "12345");
  const Shelf small(root_, {.file = 4});
  EXPECT_EQ(small.read("a.idx"), std::nullopt);
  small.write("b.idx", "12345");
  EXPECT_EQ(large.read("b.idx"), std::nullopt);
}

TEST_F(ShelfTest, AFolderThatCannotBeWrittenIsNoFailure) {
  ASSERT_TRUE(sys::write_file(temp_.path() / "cache", {}));
  const Shelf shelf(root_);
  shelf.write("a.idx", "one");
  shelf.tidy();
  EXPECT_EQ(shelf.read("a.idx"), std::nullopt);
}

TEST_F(ShelfTest, WhatIsNoFileIsNotWaitedFor) {
  ASSERT_TRUE(sys::make_dirs(root_ / "folder.idx"));
  ASSERT_EQ(::mkfifo((root_ / "fifo.idx").c_str(), 0600), 0);
  const Shelf shelf(root_);
  EXPECT_EQ(shelf.read("fifo.idx"), std::nullopt);
  EXPECT_EQ(shelf.read("folder.idx"), std::nullopt);
}

TEST_F(ShelfTest, WhatIsReadStaysYoung) {
  const Shelf shelf(root_, {.unused = 3600});
  shelf.write("a/old.idx", "one");
  shelf.write("a/used.idx", "two");
  set_age("a/old.idx", 100'000);
  set_age("a/used.idx", 100'000);
  EXPECT_EQ(shelf.read("a/used.idx"), "two");
  shelf.tidy();
  EXPECT_EQ(shelf.read("a/old.idx"), std::nullopt);
  EXPECT_EQ(shelf.read("a/used.idx"), "two");
}

TEST_F(ShelfTest, TheOldestGoWhereThereIsTooMuch) {
  const Shelf shelf(root_, {.all = 8});
  shelf.write("a/1.idx", "1111");
  shelf.write("a/2.idx", "2222");
  shelf.write("b/3.idx", "3333");
  set_age("a/1.idx", 30);
  set_age("a/2.idx", 60);
  set_age("b/3.idx", 10);
  shelf.tidy();
  EXPECT_EQ(shelf.read("a/2.idx"), std::nullopt);
  EXPECT_EQ(shelf.read("a/1.idx"), "1111");
  EXPECT_EQ(shelf.read("b/3.idx"), "3333");
}

TEST_F(ShelfTest, IsTidiedOnceADay) {
  const Shelf shelf(root_, {.unused = 3600});
  shelf.write("a.idx", "one");
  shelf.tidy();
  set_age("a.idx", 100'000);
  shelf.tidy();
  EXPECT_TRUE(sys::is_file(root_ / "a.idx"));
  set_age("tidied", 100'000);
  shelf.tidy();
  EXPECT_FALSE(sys::is_file(root_ / "a.idx"));
}

TEST_F(ShelfTest, FilesOfOthersStay) {
  const Shelf shelf(root_, {.unused = 3600});
  shelf.write("a.idx", "one");
  ASSERT_TRUE(sys::write_file(root_ / "notes.txt", {}));
  set_age("notes.txt", 100'000);
  shelf.tidy();
  EXPECT_TRUE(sys::is_file(root_ / "notes.txt"));
}

}  // namespace
}  // namespace larder::index
