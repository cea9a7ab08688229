// SPDX-License-Identifier: Apache-2.0
#include "http/host_gate.hpp"

#include <optional>
#include <thread>

#include <gtest/gtest.h>

namespace larder::http {
namespace {

using std::chrono::seconds;
const HostGate::Clock::time_point k_start{seconds(1000)};

TEST(HostGate, a_place_is_free_again_when_its_pass_goes) {
  HostGate gate(1, seconds(30));
  auto first = gate.pass("h", k_start, {});
  ASSERT_TRUE(first);
  EXPECT_TRUE(gate.pass("other", k_start, {}));
  std::optional<bool> second;
  std::thread waiter([&] { second = gate.pass("h", k_start, {}).has_value(); });
  {
    const HostGate::Pass gone = *std::move(first);
  }
  waiter.join();
  EXPECT_EQ(second, true);
}

TEST(HostGate, more_places_are_those_that_are_free_and_half_of_all_at_most) {
  HostGate gate(8, seconds(30));
  const auto first = gate.pass("h", k_start, {});
  {
    EXPECT_EQ(gate.more("h", 2).size(), 2U);
    EXPECT_EQ(gate.more("h", 100).size(), 3U);
  }
  std::vector<HostGate::Pass> others;
  for (int i = 0; i < 6; ++i) others.push_back(*gate.pass("h", k_start, {}));
  const auto last = gate.more("h", 100);
  EXPECT_EQ(last.size(), 1U);
  EXPECT_TRUE(gate.more("h", 100).empty());
  HostGate narrow(1, seconds(30));
  const auto only = narrow.pass("h", k_start, {});
  EXPECT_TRUE(narrow.more("h", 100).empty());
}

TEST(HostGate, waiting_ends_with_a_stop) {
  HostGate gate(1, seconds(30));
  const auto first = gate.pass("h", k_start, {});
  std::stop_source stop;
  std::optional<Kind> kind;
  std::thread waiter([&] {
    const auto pass = gate.pass("h", k_start, stop.get_token());
    if (!pass) kind = pass.error().kind();
  });
  stop.request_stop();
  waiter.join();
  EXPECT_EQ(kind, Kind::cancelled);
}

TEST(HostGate, a_silent_host_is_left_alone_for_a_while) {
  HostGate gate(4, seconds(30));
  gate.report("h", true, k_start);
  gate.report("h", true, k_start);
  EXPECT_TRUE(gate.pass("h", k_start, {}));
  gate.report("h", true, k_start);
  EXPECT_FALSE(gate.pass("h", k_start + seconds(29), {}));
  EXPECT_TRUE(gate.pass("other", k_start, {}));
  EXPECT_TRUE(gate.pass("h", k_start + seconds(31), {}));
  gate.report("h", true, k_start + seconds(60));
  EXPECT_FALSE(gate.pass("h", k_start + seconds(61), {})) << "one more silence is enough";
}

TEST(HostGate, any_answer_forgives) {
  HostGate gate(4, seconds(30));
  gate.report("h", true, k_start);
  gate.report("h", true, k_start);
  gate.report("h", false, k_start);
  gate.report("h", true, k_start);
  EXPECT_TRUE(gate.pass("h", k_start, {}));
}

}  // namespace
}  // namespace larder::http
