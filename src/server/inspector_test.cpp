// SPDX-License-Identifier: Apache-2.0
#include "server/inspector.hpp"

#include <atomic>
#include <latch>

#include <gtest/gtest.h>

#include "server/testing.hpp"
#include "store/memory/memory_store.hpp"

namespace larder::server {
namespace {

using namespace testing_support;

class InspectorTest : public testing::Test {
 protected:
  void SetUp() override { fill(*store_); }
  static Inspector::Object object(const std::string& version, store::Part part) {
    const gomod::Module module{"a.test/Mod", version};
    return {store::module_key(module, part).value(), module, part};
  }
  std::optional<Proofs::Verdict> verdict(const Inspector::Object& of) {
    return proofs_.find(store_->stat(of.key).value().value(), Clock::now());
  }
  // Waits for the verdict.
  void inspect(const Inspector::Object& of) {
    std::latch told(1);
    inspector_.ask(of, [&] { told.count_down(); });
    told.wait();
  }

  std::unique_ptr<store::Store> store_ = store::make_memory_store();
  Proofs proofs_;
  Inspector inspector_{*store_, proofs_};
};

TEST_F(InspectorTest, finds_good_and_bad) {
  const auto zip = object("v1.0.0", store::Part::zip);
  inspect(zip);
  ASSERT_TRUE(verdict(zip));
  EXPECT_FALSE(verdict(zip)->error);
  flip_a_bit(*store_, zip.key);
  EXPECT_FALSE(verdict(zip)) << "another object";
  inspect(zip);
  ASSERT_TRUE(verdict(zip));
  EXPECT_EQ(verdict(zip)->error.value().kind(), Kind::unverified);
}

TEST_F(InspectorTest, what_is_absent_has_no_verdict_but_everybody_is_told) {
  inspect(object("v9.9.9", store::Part::zip));
  EXPECT_EQ(proofs_.count(), 0U);
}

TEST_F(InspectorTest, everybody_is_told_once) {
  constexpr int k_askers = 100;
  put_version(*store_, "v1.20.0", k_large);
  std::atomic<int> told = 0;
  std::latch all(k_askers);
  for (int i = 0; i < k_askers; ++i) {
    inspector_.ask(object(i % 2 == 0 ? "v1.20.0" : "v1.0.0", store::Part::zip), [&] {
      ++told;
      all.count_down();
    });
  }
  all.wait();
  EXPECT_EQ(told, k_askers);
  EXPECT_EQ(proofs_.count(), 2U);
}

TEST_F(InspectorTest, the_end_tells_those_who_wait_and_those_who_come_later) {
  std::atomic<int> told = 0;
  for (int i = 0; i < 20; ++i) {
    const auto version = "v1.20." + std::to_string(i);
    put_version(*store_, version, k_large);
    inspector_.ask(object(version, store::Part::zip), [&] { ++told; });
  }
  inspector_.stop();
  EXPECT_EQ(told, 20);
  inspector_.ask(object("v1.0.0", store::Part::zip), [&] { ++told; });
  EXPECT_EQ(told, 21);
}

}  // namespace
}  // namespace larder::server
