// SPDX-License-Identifier: Apache-2.0
#include "app/mod_memory.hpp"

#include <gtest/gtest.h>

namespace larder::app {
namespace {

const gomod::Module k_module{"example.com/a", "v1.0.0"};
constexpr std::string_view k_text = "module example.com/a\n\ngo 1.22\n\nrequire example.com/b v1.2.3\n";
constexpr std::int64_t k_minute = 60'000'000'000;  // ns

class Nowhere final : public fetch::ModuleSource {
 public:
  Result<std::vector<std::string>> list(std::string_view, std::stop_token) const override { return none(); }
  Result<gomod::Info> latest(std::string_view, std::stop_token) const override { return none(); }
  Result<gomod::Info> info(std::string_view, std::string_view, std::stop_token) const override {
    return none();
  }
  Result<std::string> mod(const gomod::Module&, std::stop_token) const override { return none(); }
  Result<void> zip(const gomod::Module&, http::ByteSink&, std::stop_token) const override { return none(); }

 private:
  static Failure none() { return fail(Kind::not_found, "nowhere"); }
};

class ModMemoryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(cache_.write_mod(k_module, k_text));
    sum_.add(k_module, gomod::GoSum::Of::go_mod, gomod::hash_go_mod(k_text).str());
  }
  static resolve::SummaryPtr summary(std::string_view text) {
    return std::make_shared<const resolve::ModSummary>(*resolve::summarize(text));
  }
  ModMemory open(std::int64_t later = k_minute) {
    return {shelf_, "mods.idx", modules_, index::clock_ns() + later};
  }
  void remember() {
    auto memory = open();
    memory.remember(k_module, k_text, summary(k_text));
    memory.save();
  }

  sys::TempDir temp_ = *sys::TempDir::create();
  modcache::Cache cache_ = *modcache::Cache::open(temp_.path() / "mod");
  index::Shelf shelf_{temp_.path() / "index"};
  gomod::GoSum sum_;
  Nowhere source_;
  fetch::Verifier verifier_{{.sums = {{&sum_, "go.sum"}}, .settings = {.gosumdb = "off"}}};
  CachedModules modules_{cache_, source_, verifier_};
};

TEST_F(ModMemoryTest, RecallsWhatWasRemembered) {
  EXPECT_EQ(*open().recall(k_module, {}), nullptr);
  remember();
  const auto recalled = open().recall(k_module, {});
  ASSERT_TRUE(recalled && *recalled);
  EXPECT_EQ(**recalled, *summary(k_text));
  EXPECT_EQ(*open().recall({"example.com/a", "v1.0.1"}, {}), nullptr);
}

TEST_F(ModMemoryTest, AFileThatChangedIsReadAgain) {
  remember();
  auto other = std::string(k_text);
  other[other.size() - 2] = '4';  // of the same size
  ASSERT_TRUE(cache_.write_mod(k_module, other));
  EXPECT_EQ(*open().recall(k_module, {}), nullptr);
}

TEST_F(ModMemoryTest, AFileThatIsGoneIsNotRecalled) {
  remember();
  ASSERT_TRUE(sys::remove_file(cache_.paths(k_module)->mod()));
  EXPECT_EQ(*open().recall(k_module, {}), nullptr);
}

TEST_F(ModMemoryTest, AYoungFileIsNotRemembered) {
  auto memory = open(0);
  memory.remember(k_module, k_text, summary(k_text));
  memory.save();
  EXPECT_EQ(*open().recall(k_module, {}), nullptr);
}

TEST_F(ModMemoryTest, WhatGoSumContradictsIsAnErrorAllTheSame) {
  remember();
  sum_.remove(k_module, gomod::GoSum::Of::go_mod);
  sum_.add(k_module, gomod::GoSum::Of::go_mod, gomod::hash_go_mod("other").str());
  const auto recalled = open().recall(k_module, {});
  ASSERT_FALSE(recalled);
  EXPECT_EQ(recalled.error().kind(), Kind::unverified);
}

TEST_F(ModMemoryTest, AHashThatGoSumLacksIsLearned) {
  remember();
  sum_.remove(k_module, gomod::GoSum::Of::go_mod);
  ASSERT_TRUE(open().recall(k_module, {}));
  EXPECT_TRUE(modules_.new_sums().has(k_module, gomod::GoSum::Of::go_mod, gomod::hash_go_mod(k_text).str()));
}

TEST_F(ModMemoryTest, MoreIsAddedToWhatThereIs) {
  remember();
  const gomod::Module second{"example.com/b", "v1.2.3"};
  constexpr std::string_view k_second = "module example.com/b\n";
  ASSERT_TRUE(cache_.write_mod(second, k_second));
  auto memory = open();
  memory.remember(second, k_second, summary(k_second));
  memory.save();
  EXPECT_NE(*open().recall(k_module, {}), nullptr);
  EXPECT_NE(*open().recall(second, {}), nullptr);
}

}  // namespace
}  // namespace larder::app
