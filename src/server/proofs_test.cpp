// SPDX-License-Identifier: Apache-2.0
#include "server/proofs.hpp"

#include <gtest/gtest.h>

namespace larder::server {
namespace {

constexpr store::ObjectInfo k_object{.size = 1, .mtime_ns = 2, .identity = 3, .ctime_ns = 4, .device = 5};
const Clock::time_point k_now = Clock::time_point() + std::chrono::hours(1);
const Error k_damage(Kind::unverified, "bit rot");

TEST(Proofs, any_change_makes_it_another_object) {
  Proofs proofs;
  proofs.put(k_object, {}, k_now);
  ASSERT_TRUE(proofs.find(k_object, k_now));
  EXPECT_FALSE(proofs.find(k_object, k_now)->error);
  EXPECT_TRUE(proofs.find(k_object, k_now + std::chrono::hours(1000))) << "good ones stay";
  for (auto member : {&store::ObjectInfo::size, &store::ObjectInfo::identity, &store::ObjectInfo::device}) {
    auto other = k_object;
    ++(other.*member);
    EXPECT_FALSE(proofs.find(other, k_now));
  }
  for (auto member : {&store::ObjectInfo::mtime_ns, &store::ObjectInfo::ctime_ns}) {
    auto other = k_object;
    ++(other.*member);
    EXPECT_FALSE(proofs.find(other, k_now));
  }
}

TEST(Proofs, damage_is_looked_at_again_after_a_while) {
  Proofs proofs;
  proofs.put(k_object, {k_damage}, k_now);
  ASSERT_TRUE(proofs.find(k_object, k_now));
  EXPECT_EQ(proofs.find(k_object, k_now)->error, k_damage);
  EXPECT_FALSE(proofs.find(k_object, k_now + Proofs::k_bad_time));
  proofs.put(k_object, {}, k_now);
  EXPECT_FALSE(proofs.find(k_object, k_now)->error);
}

TEST(Proofs, are_bounded) {
  Proofs proofs(10);
  for (std::uint64_t i = 0; i < 100; ++i) {
    auto object = k_object;
    object.identity = i;
    proofs.put(object, {}, k_now);
    EXPECT_TRUE(proofs.find(object, k_now));
  }
  EXPECT_EQ(proofs.count(), 10U);
}

}  // namespace
}  // namespace larder::server
