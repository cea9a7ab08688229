// SPDX-License-Identifier: Apache-2.0
// HTTP exchanges, one at a time per caller or a group of small ones, all of them driven by one thread with
// curl's multi interface. No redirects, no retries here. Body bytes cross from that thread to the caller in
// pieces: a caller that is slow to take them pauses its own transfer and nobody else's.
//
// Invariant: at most about k_window bytes of a body wait for their caller; of a group, each whole body up to
// its limit. Thread rule: run() from any number of threads; its Receiver is called from the thread that
// called run().
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "http/client.hpp"

namespace larder::http {

using Clock = std::chrono::steady_clock;

inline constexpr std::size_t k_window = 1U << 20U;         // bytes
inline constexpr std::size_t k_max_headers = 128U << 10U;  // bytes of one response, status line included

struct Head {
  int status = 0;
  std::string reason;
  Headers headers;  // names in lower case, values trimmed
};
std::optional<std::string_view> find_header(const Headers& headers, std::string_view lower_case_name);

struct Exchange {
  std::string url;  // without user info
  Headers headers;
  std::optional<BasicAuth> auth;
  std::optional<std::string> proxy;
  Clock::time_point deadline;
  bool any_certificate = false;  // TLS is not verified
  const HostTls* tls = nullptr;  // outlives the exchange
};

class Receiver {
 public:
  virtual ~Receiver() = default;
  // false: enough, the rest is not wanted. An error ends the exchange and becomes its result.
  virtual Result<bool> head(const Head& head) = 0;
  virtual Result<bool> body(Bytes data) = 0;
};

// How an exchange ended, seen from the network.
struct Ending {
  Outcome outcome = Outcome::answered;  // answered: complete, or the receiver had enough
  std::string reason;                   // lower case, without the URL; empty when answered
  bool out_of_time = false;             // the deadline passed
};

struct HandlesBySize;

class Engine {
 public:
  struct Settings {
    Millis connect;
    Millis idle;
    std::string user_agent;
    std::string ca_file;
    std::string ca_dir;
    unsigned connections_per_host;
  };
  explicit Engine(Settings settings);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Errors: the receiver's, and Kind::cancelled.
  Result<Ending> run(const Exchange& exchange, Receiver& receiver, std::stop_token stop);

  // One of several small ones.
  struct Item {
    const Exchange& exchange;
    Receiver& receiver;
    std::uint64_t limit;                        // bytes of a body; with the next one the exchange ends
    std::optional<Result<Ending>> ending = {};  // of run; none: not begun, since another one got no answer
    Clock::time_point begun = {};
    Clock::time_point ended = {};
  };
  // Side by side, `at_once` of them; their receivers are called when all have ended. The caller is woken
  // once, where as many threads that call run() would have to be woken for each. A deadline holds from the
  // begin.
  void run_all(std::span<Item> items, unsigned at_once, std::stop_token stop);

 private:
  class Loop;
  Result<Loop*> loop();

  Settings settings_;
  std::unique_ptr<HandlesBySize> handles_;
  std::mutex mutex_;            // of loop_
  std::unique_ptr<Loop> loop_;  // from the first exchange on
};

}  // namespace larder::http
