// SPDX-License-Identifier: Apache-2.0
// The open connections and their deadlines. The HTTP library only knows a time limit between two bytes, which
// a client that sends one byte a minute never meets; here every phase of a connection has an end.
//
// Invariant: a descriptor is shut down only while its connection is registered, so never after it was closed
// and given out again. Thread rule: all functions from any thread; a Connection's `request` belongs to the
// thread that serves it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <string>

#include "server/access_log.hpp"
#include "sys/parallel.hpp"

namespace larder::server {

using Clock = std::chrono::steady_clock;

struct Connection {
  int fd = -1;
  std::string host;
  std::atomic<Clock::rep> deadline{0};
  std::atomic<bool> busy{false};  // between request line and last byte of the answer
  // Of the current request; kept here so that its strings keep their memory from request to request.
  AccessRecord record;
  const char* target_end = nullptr;  // in the library's buffer
  Clock::time_point started;
  bool corked = false;  // TCP_CORK is set
  unsigned proofs = 0;  // asked for, for the current request
  std::list<Connection>::iterator self;

  void set_deadline(Clock::time_point at) { deadline = at.time_since_epoch().count(); }
};

class Connections {
 public:
  // The reference stays valid until remove().
  Connection& add(int fd, std::string host, Clock::time_point deadline);
  void remove(Connection& connection);
  std::size_t count();
  std::size_t count_of(const std::string& host);

  // Ends the connections whose deadline is before `now`.
  void end_overdue(Clock::time_point now);
  // Ends those that serve no request, now and when their request is done.
  void end_idle();
  bool ending_idle() const { return ending_idle_; }
  // False when some are left after `timeout`.
  bool wait_until_empty(std::chrono::milliseconds timeout);

 private:
  struct State {
    std::list<Connection> open;
    std::map<std::string, std::size_t> by_host;
  };
  sys::Sync<State> state_;
  std::condition_variable empty_;
  std::atomic<bool> ending_idle_{false};
};

// No more bytes are taken from the peer; what has already arrived can still be answered.
void end_reading(const Connection& connection);

}  // namespace larder::server
