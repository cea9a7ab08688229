// SPDX-License-Identifier: Apache-2.0
#include "index/mod_memo.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace larder::index {
namespace {

RememberedMod mod(std::string_view text, std::uint64_t inode) {
  return {.stamp = {.size = text.size(), .mtime_ns = -5, .ctime_ns = 7, .inode = inode},
          .hash = sha256(text),
          .summary = std::make_shared<const resolve::ModSummary>(*resolve::summarize(text))};
}

RememberedMods sample() {
  return {
      {{"example.com/a", "v1.0.0"}, mod("module example.com/a\ngo 1.22\nrequire example.com/b v1.2.3\n", 1)},
      {{"example.com/a", "v1.1.0"}, mod("// Deprecated: gone\nmodule example.com/a\n", 2)},
      {{"example.com/b", "v1.2.3"}, mod("module example.com/b\nretract [v1.0.0, v1.1.0] // bad\n", 3)}};
}

void expect_same(const RememberedMod& a, const RememberedMod& b) {
  EXPECT_EQ(a.stamp, b.stamp);
  EXPECT_EQ(a.hash, b.hash);
  EXPECT_EQ(*a.summary, *b.summary);
}

TEST(ModMemo, RemembersAllOfIt) {
  const auto mods = sample();
  const auto memo = ModMemo::parse(ModMemo::encode(mods));
  EXPECT_EQ(memo.size(), mods.size());
  for (const auto& [module, remembered] : mods) {
    const auto found = memo.find(module);
    ASSERT_TRUE(found) << module.str();
    expect_same(*found, remembered);
  }
  EXPECT_FALSE(memo.find({"example.com/a", "v1.0.1"}));
  EXPECT_FALSE(memo.find({"example.com", "v1.0.0"}));
  EXPECT_FALSE(memo.find({"z", ""}));
  EXPECT_EQ(memo.all().size(), mods.size());
  EXPECT_EQ(ModMemo::encode(memo.all()), ModMemo::encode(mods));
}

TEST(ModMemo, DamagedBytesAreAnEmptyMemo) {
  const auto whole = ModMemo::encode(sample());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    auto file = whole;
    file[i] = static_cast<char>(file[i] + 1);
    EXPECT_EQ(ModMemo::parse(std::move(file)).size(), 0U) << i;
    EXPECT_EQ(ModMemo::parse(whole.substr(0, i)).size(), 0U) << i;
  }
  EXPECT_EQ(ModMemo().size(), 0U);
  EXPECT_FALSE(ModMemo().find({"a", "v1.0.0"}));
}

// A payload of nonsense with a right checksum: nothing is read past the end, whatever comes out.
RC_GTEST_PROP(ModMemo, SurvivesNonsense, ()) {
  const auto whole = ModMemo::encode(sample());
  auto payload = std::string(*open_sealed(FileKind::go_mods, whole));
  const auto changes = *rc::gen::inRange(1, 20);
  for (int i = 0; i < changes; ++i) {
    payload.at(*rc::gen::inRange<std::size_t>(0, payload.size())) = *rc::gen::arbitrary<char>();
  }
  const auto memo = ModMemo::parse(seal(FileKind::go_mods, payload));
  for (const auto& entry : sample()) static_cast<void>(memo.find(entry.first));
  RC_ASSERT(memo.all().size() <= memo.size());
}

}  // namespace
}  // namespace larder::index
