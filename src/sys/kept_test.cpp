// SPDX-License-Identifier: Apache-2.0
#include "sys/kept.hpp"

#include <atomic>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace larder::sys {
namespace {

TEST(Kept, asks_once_for_each_key) {
  Kept<std::string, int> kept;
  int asked = 0;
  const auto ask = [&] { return ++asked; };
  const auto& first = kept.get("a", ask);
  EXPECT_EQ(kept.get("a", ask), 1);
  EXPECT_EQ(kept.get("b", ask), 2);
  EXPECT_EQ(&kept.get("a", ask), &first);
}

TEST(Kept, who_asks_at_the_same_time_waits) {
  constexpr int k_threads = 4;
  Kept<int, int> kept;
  std::atomic<int> asked = 0;
  std::latch all(k_threads);
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < k_threads; ++i) {
      threads.emplace_back([&] {
        all.arrive_and_wait();
        if (kept.get(7, [&] { return ++asked; }) == 1) ++right;
      });
    }
  }
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(right, k_threads);
}

TEST(Kept, other_keys_may_be_asked_for_meanwhile) {
  Kept<int, int> kept;
  EXPECT_EQ(kept.get(2, [&] { return 1 + kept.get(1, [] { return 1; }); }), 2);
}

}  // namespace
}  // namespace larder::sys
