// SPDX-License-Identifier: Apache-2.0
#include "sys/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <latch>
#include <vector>

#include <gtest/gtest.h>

namespace larder::sys {
namespace {

TEST(ParallelFor, does_each_once) {
  std::vector<std::atomic<int>> seen(1000);
  parallel_for(seen.size(), 8, {}, [&](std::size_t i) { ++seen[i]; });
  EXPECT_TRUE(std::all_of(seen.begin(), seen.end(), [](const auto& n) { return n == 1; }));
}

TEST(ParallelFor, work_that_takes_long_is_done_by_all) {
  std::latch all(4);
  parallel_for(4, 4, {}, [&](std::size_t) { all.arrive_and_wait(); });
  EXPECT_TRUE(all.try_wait());
}

TEST(ParallelFor, stops_early) {
  std::stop_source source;
  std::atomic<int> done = 0;
  parallel_for(1000, 1, source.get_token(), [&](std::size_t i) {
    ++done;
    if (i == 9) source.request_stop();
  });
  EXPECT_EQ(done, 10);
}

TEST(ParallelFor, nothing_to_do) {
  parallel_for(0, 4, {}, [](std::size_t) { FAIL(); });
}

TEST(Sync, value_only_through_the_lock) {
  Sync<int> n(0);
  parallel_for(100, 4, {}, [&](std::size_t) { ++*n.lock(); });
  EXPECT_EQ(*n.lock(), 100);
}

}  // namespace
}  // namespace larder::sys
