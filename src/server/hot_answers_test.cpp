// SPDX-License-Identifier: Apache-2.0
#include "server/hot_answers.hpp"

#include <string>

#include <gtest/gtest.h>

namespace larder::server {
namespace {

Clock::time_point at(int seconds) {
  return Clock::time_point(std::chrono::seconds(seconds));
}

std::shared_ptr<HotAnswer> answer(const std::string& key, int used) {
  auto made = std::make_shared<HotAnswer>();
  made->key = key;
  made->used = at(used).time_since_epoch().count();
  return made;
}

TEST(HotAnswers, finds_what_was_put) {
  HotAnswers hot(2);
  EXPECT_EQ(hot.find("/a", at(1)), nullptr);
  hot.put("/a", answer("a", 1));
  ASSERT_NE(hot.find("/a", at(1)), nullptr);
  EXPECT_EQ(hot.find("/a", at(1))->key, "a");
  hot.put("/a", answer("b", 1));
  EXPECT_EQ(hot.find("/a", at(1))->key, "b");
  EXPECT_EQ(hot.count(), 1U);
  hot.drop("/a");
  hot.drop("/never");
  EXPECT_EQ(hot.find("/a", at(1)), nullptr);
}

TEST(HotAnswers, the_one_used_longest_ago_makes_room) {
  HotAnswers hot(2);
  hot.put("/a", answer("a", 1));
  hot.put("/b", answer("b", 2));
  hot.find("/a", at(3));
  hot.put("/c", answer("c", 4));
  EXPECT_EQ(hot.count(), 2U);
  EXPECT_EQ(hot.find("/b", at(5)), nullptr);
  EXPECT_NE(hot.find("/a", at(5)), nullptr);
}

TEST(HotAnswers, unused_ones_are_dropped_and_stay_valid_for_holders) {
  HotAnswers hot(4);
  hot.put("/a", answer("a", 1));
  hot.put("/b", answer("b", 9));
  const auto held = hot.find("/a", at(2));
  hot.drop_unused_since(at(5));
  EXPECT_EQ(hot.count(), 1U);
  EXPECT_EQ(hot.find("/a", at(9)), nullptr);
  EXPECT_EQ(held->key, "a");
}

TEST(HotAnswers, none_are_kept_where_none_are_allowed) {
  HotAnswers hot(0);
  hot.put("/a", answer("a", 1));
  EXPECT_EQ(hot.count(), 0U);
}

}  // namespace
}  // namespace larder::server
