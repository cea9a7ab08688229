// SPDX-License-Identifier: Apache-2.0
#include "sys/crew.hpp"

#include <algorithm>
#include <latch>
#include <set>

#include <gtest/gtest.h>

#include "sys/parallel.hpp"

namespace larder::sys {
namespace {

TEST(Crew, DoesEachOnceInEveryBatch) {
  Crew crew(8);
  for (const std::size_t count : {0U, 1U, 2U, 7U, 1000U, 3U, 1000U}) {
    std::vector<std::atomic<int>> seen(count);
    crew.each(count, [&](std::size_t i) { ++seen[i]; });
    EXPECT_TRUE(std::ranges::all_of(seen, [](const auto& n) { return n == 1; })) << count;
  }
}

TEST(Crew, ManySmallBatches) {
  Crew crew(4);
  std::atomic<std::size_t> done = 0;
  for (int i = 0; i < 2000; ++i) crew.each(3, [&](std::size_t) { ++done; });
  EXPECT_EQ(done, 6000U);
}

TEST(Crew, NoMoreThreadsThanThereMayBe) {
  Crew crew(1);
  const auto caller = std::this_thread::get_id();
  crew.each(100, [&](std::size_t) { EXPECT_EQ(std::this_thread::get_id(), caller); });
}

// Each piece waits until all four are at work, so that with fewer threads it would never end.
TEST(Crew, WorkThatIsFarAwayIsDoneByMore) {
  constexpr unsigned k_threads = 4;
  Crew crew(k_threads, [] { return true; });
  std::latch together(k_threads);
  crew.each(k_threads, [&](std::size_t) { together.arrive_and_wait(); });
  EXPECT_TRUE(together.try_wait());
}

TEST(Crew, FewPiecesAreDoneByTheCallerAlone) {
  Crew crew(8, {}, 100);
  const auto caller = std::this_thread::get_id();
  crew.each(100, [&](std::size_t) { EXPECT_EQ(std::this_thread::get_id(), caller); });
}

TEST(Crew, HiresForFewPiecesThatTurnOutToBeFarAway) {
  constexpr unsigned k_threads = 4;
  std::atomic<bool> far = false;
  Crew crew(k_threads, [&] { return far.load(); }, 100);
  std::latch together(k_threads);
  crew.each(k_threads + 1, [&](std::size_t i) {
    if (i != 0) return together.arrive_and_wait();
    far = true;
  });
  EXPECT_TRUE(together.try_wait());
}

TEST(Crew, HiresInTheMiddleOfABatch) {
  constexpr unsigned k_threads = 4;
  std::atomic<bool> far = false;
  Crew crew(k_threads, [&] { return far.load(); });
  std::latch together(k_threads);
  crew.each(k_threads + 1, [&](std::size_t i) {
    if (i == 0) {
      far = true;
    } else {
      // The caller or one of those it started with has done piece 0, and hires the rest.
      together.arrive_and_wait();
    }
  });
  EXPECT_TRUE(together.try_wait());
}

}  // namespace
}  // namespace larder::sys
