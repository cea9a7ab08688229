// SPDX-License-Identifier: Apache-2.0
// How many requests may be under way to one host, and whether it is worth asking at all: a host that three
// times in a row gave no byte in the time allowed is left alone for a while, so that a black hole costs that
// time once and not once a module. Thread rule: free to share; pass() waits.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace larder::http {

class HostGate {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr unsigned k_silent_limit = 3;

  HostGate(unsigned per_host, Clock::duration cool_down) : per_host_(per_host), cool_down_(cool_down) {}

  // Leaves the host on destruction.
  class Pass {
   public:
    Pass(HostGate* gate, std::string host) : gate_(gate), host_(std::move(host)) {}
    ~Pass() {
      if (gate_) gate_->leave(host_);
    }
    Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)), host_(std::move(other.host_)) {}
    Pass& operator=(Pass&&) = delete;
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;

   private:
    HostGate* gate_;
    std::string host_;
  };

  // Waits for a free place. Kind::unavailable where the host is left alone at `now`, Kind::cancelled.
  Result<Pass> pass(const std::string& host, Clock::time_point now, std::stop_token stop);
  // Of places that are free now at most so many, for one who has one already. Half of them stay for others.
  std::vector<Pass> more(const std::string& host, std::size_t most);

  // What a request met: any byte, or silence.
  void report(const std::string& host, bool silent, Clock::time_point now);

 private:
  struct State {
    unsigned active = 0;
    unsigned silent = 0;
    Clock::time_point closed_until{};
    std::condition_variable_any changed;
    unsigned waiting = 0;
  };
  void leave(const std::string& host);

  const unsigned per_host_;
  const Clock::duration cool_down_;
  std::mutex mutex_;
  std::map<std::string, State> hosts_;
};

}  // namespace larder::http
