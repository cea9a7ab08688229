// SPDX-License-Identifier: Apache-2.0
// Blocking work on several threads. A worker that lets an exception escape ends the process: that is the
// barrier's job, so callers pass functions that return Results.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <stop_token>
#include <utility>

namespace larder::sys {

// Number of threads worth starting for CPU-bound work (at least 1); asked once.
unsigned cpu_count();

// Calls work(i) for i in [0, count), in order of start, on at most `threads` threads; returns when all are
// done. Once `stop` is requested no further i is started. Work that is done within two milliseconds is done
// by the caller alone.
void parallel_for(std::size_t count, unsigned threads, std::stop_token stop,
                  const std::function<void(std::size_t)>& work);

// The calling thread, and those that it starts from now on, run only when a processor has nothing else to do.
// There is no way back: on a busy machine such a thread may wait for long, so nobody should have to wait for
// it.
void run_when_idle();

// The value is reachable only through its lock.
template <class T>
class Sync {
 public:
  template <class... Args>
  explicit Sync(Args&&... args) : value_(std::forward<Args>(args)...) {}

  class Locked {
   public:
    T* operator->() { return value_; }
    T& operator*() { return *value_; }
    std::unique_lock<std::mutex>& lock() { return lock_; }  // for condition variables

   private:
    friend class Sync;
    Locked(std::mutex& mutex, T* value) : lock_(mutex), value_(value) {}
    std::unique_lock<std::mutex> lock_;
    T* value_;
  };
  Locked lock() { return Locked(mutex_, &value_); }

 private:
  std::mutex mutex_;
  T value_;
};

}  // namespace larder::sys
