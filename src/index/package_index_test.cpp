// SPDX-License-Identifier: Apache-2.0
#include "index/package_index.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace larder::index {
namespace {

FolderRecords sample() {
  return {
      {"", {.has_go_files = true, .scanned = true, .imports = {"fmt", "io"}, .test_imports = {"testing"}}},
      {"/a", {.has_go_files = true}},
      {"/a/b", {}},
      {"/c", {.has_go_files = true, .scanned = true, .no_go = true}}};
}

TEST(PackageIndex, KnowsWhatItWasTold) {
  const auto folders = sample();
  const auto index = PackageIndex::parse(PackageIndex::encode("key", folders), "key");
  for (const auto& [folder, record] : folders) {
    EXPECT_EQ(index.has_go_files(folder), record.has_go_files) << folder;
    EXPECT_EQ(index.find(folder), record) << folder;
  }
  EXPECT_EQ(index.has_go_files("/b"), std::nullopt);
  EXPECT_EQ(index.find("/z"), std::nullopt);
  EXPECT_EQ(index.all(), folders);
}

TEST(PackageIndex, ThatOfAnotherModuleIsEmpty) {
  const auto file = PackageIndex::encode("key", sample());
  EXPECT_TRUE(PackageIndex::parse(file, "other").all().empty());
  EXPECT_TRUE(PackageIndex::parse(file, "ke").all().empty());
}

TEST(PackageIndex, DamagedBytesAreAnEmptyIndex) {
  const auto whole = PackageIndex::encode("key", sample());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    auto file = whole;
    file[i] = static_cast<char>(file[i] + 1);
    EXPECT_TRUE(PackageIndex::parse(std::move(file), "key").all().empty()) << i;
    EXPECT_TRUE(PackageIndex::parse(whole.substr(0, i), "key").all().empty()) << i;
  }
}

RC_GTEST_PROP(PackageIndex, SurvivesNonsense, ()) {
  const auto whole = PackageIndex::encode("key", sample());
  auto payload = std::string(*open_sealed(FileKind::packages, whole));
  const auto changes = *rc::gen::inRange(1, 20);
  for (int i = 0; i < changes; ++i) {
    payload.at(*rc::gen::inRange<std::size_t>(0, payload.size())) = *rc::gen::arbitrary<char>();
  }
  const auto index = PackageIndex::parse(seal(FileKind::packages, payload), "key");
  for (const auto& entry : sample()) static_cast<void>(index.find(entry.first));
  static_cast<void>(index.all());
}

}  // namespace
}  // namespace larder::index
