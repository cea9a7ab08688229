// SPDX-License-Identifier: Apache-2.0
#include "sys/folder.hpp"

#include <gtest/gtest.h>

namespace larder::sys {
namespace {

class FolderTest : public ::testing::Test {
 protected:
  std::string at(std::string_view name) const { return (temp_.path() / name).native(); }
  void put(std::string_view name) const {
    ASSERT_TRUE(make_dirs(Path(at(name)).parent_path()));
    ASSERT_TRUE(write_file(at(name), as_bytes(name)));
  }
  TempDir temp_ = TempDir::create().value();
};

TEST_F(FolderTest, finds_what_is_below_and_what_is_not) {
  for (const auto* name : {"in/a", "in/sub/b", "inn/c"}) put(name);
  const Folder folder(at("in"));
  for (const auto* name : {"in/a", "in//a", "in/sub/b", "in/sub/../a", "in/../inn/c", "inn/c"}) {
    EXPECT_TRUE(folder.is_file(at(name))) << name;
    EXPECT_TRUE(folder.read_file(at(name), 100)) << name;
  }
  EXPECT_EQ(folder.read_file(at("in/sub/b"), 8).value(), "in/sub/b");
  EXPECT_EQ(folder.read_file(at("in/sub/b"), 7).error().kind(), Kind::invalid);
  EXPECT_EQ(folder.stat(at("in/sub/b")).value()->size, 8U);
  EXPECT_TRUE(folder.stat(at("in/sub")).value()->is_dir);
  for (const auto* name : {"in/sub", "in/none", "in/a/b", "in", "in/"})
    EXPECT_FALSE(folder.is_file(at(name))) << name;
}

TEST_F(FolderTest, errors_name_the_whole_path) {
  put("in/a");
  const Folder folder(at("in"));
  EXPECT_EQ(folder.read_file(at("in/b"), 1).error().message(),
            "open " + at("in/b") + ": no such file or directory");
  EXPECT_FALSE(folder.stat(at("in/b")).value());
  EXPECT_FALSE(folder.stat(at("in/a/b")).value());
}

TEST_F(FolderTest, does_without_the_folder) {
  const Folder folder(at("later"));
  put("later/a");
  EXPECT_TRUE(folder.is_file(at("later/a")));
}

TEST_F(FolderTest, keeps_to_the_folder_that_it_opened) {
  put("in/a");
  const Folder folder(at("in"));
  std::filesystem::rename(at("in"), at("old"));
  EXPECT_TRUE(folder.is_file(at("in/a")));
}

}  // namespace
}  // namespace larder::sys
