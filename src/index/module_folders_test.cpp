// SPDX-License-Identifier: Apache-2.0
#include "index/module_folders.hpp"

#include <gtest/gtest.h>

#include "base/digest.hpp"

namespace larder::index {
namespace {

const gomod::H1 k_content{sha256("content")};
const FolderRecord k_scanned{.has_go_files = true, .scanned = true, .imports = {"fmt"}};

class ModuleFoldersTest : public ::testing::Test {
 protected:
  sys::TempDir temp_ = *sys::TempDir::create();
  Shelf shelf_{temp_.path()};
};

TEST_F(ModuleFoldersTest, WhatWasLearnedIsKnownAtOnceAndLater) {
  {
    ModuleFolders folders(shelf_, k_content);
    EXPECT_EQ(folders.has_go_files("/a"), std::nullopt);
    folders.learn("/a", {.has_go_files = true});
    EXPECT_EQ(folders.has_go_files("/a"), true);
    EXPECT_EQ(folders.scanned("/a"), std::nullopt);
    folders.learn("/a", k_scanned);
    folders.learn("/none", {});
    EXPECT_EQ(folders.scanned("/a"), k_scanned);
    EXPECT_TRUE(folders.save());
  }
  ModuleFolders later(shelf_, k_content);
  EXPECT_EQ(later.scanned("/a"), k_scanned);
  EXPECT_EQ(later.has_go_files("/none"), false);
  EXPECT_FALSE(later.save());
}

TEST_F(ModuleFoldersTest, WhatWasKnownStaysWhenMoreIsLearned) {
  for (const auto* const folder : {"/a", "/b"}) {
    ModuleFolders folders(shelf_, k_content);
    folders.learn(folder, k_scanned);
    EXPECT_TRUE(folders.save());
  }
  ModuleFolders later(shelf_, k_content);
  EXPECT_EQ(later.scanned("/a"), k_scanned);
  EXPECT_EQ(later.scanned("/b"), k_scanned);
}

TEST_F(ModuleFoldersTest, AFolderThatWasOnlyLookedAtIsScannedLater) {
  {
    ModuleFolders folders(shelf_, k_content);
    folders.learn("/a", {.has_go_files = true});
    folders.save();
  }
  {
    ModuleFolders folders(shelf_, k_content);
    EXPECT_EQ(folders.has_go_files("/a"), true);
    EXPECT_EQ(folders.scanned("/a"), std::nullopt);
    folders.learn("/a", k_scanned);
    folders.save();
  }
  EXPECT_EQ(ModuleFolders(shelf_, k_content).scanned("/a"), k_scanned);
}

TEST_F(ModuleFoldersTest, OtherContentIsAnotherModule) {
  {
    ModuleFolders folders(shelf_, k_content);
    folders.learn("/a", k_scanned);
    folders.save();
  }
  EXPECT_EQ(ModuleFolders(shelf_, gomod::H1{sha256("other")}).has_go_files("/a"), std::nullopt);
}

}  // namespace
}  // namespace larder::index
