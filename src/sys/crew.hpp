// SPDX-License-Identifier: Apache-2.0
// Threads that wait for work between one batch and the next, for work that comes in many small batches.
// Little work is done by the caller alone; work on this machine by as many threads as there are processors;
// and work that waits for something far away by as many as there may be. Thread rule: each() is called by one
// thread; `work` runs on several.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace larder::sys {

class Crew {
 public:
  // most: threads at the most, the caller's included. is_far: asked before each piece of work, from any
  // thread; empty: it never is. few: so many pieces of near work are done sooner than a thread is started.
  explicit Crew(unsigned most, std::function<bool()> is_far = {}, std::size_t few = 1);
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  // Calls work(i) for i in [0, count), in order of start; returns when all are done.
  void each(std::size_t count, const std::function<void(std::size_t)>& work);

 private:
  struct Batch {
    const std::function<void(std::size_t)>* work = nullptr;
    std::size_t count = 0;
    std::atomic<std::size_t> next = 0;
  };
  void hire(unsigned wanted);
  void wait_for_batches();
  void take_part(Batch& batch);

  unsigned most_;
  unsigned near_;
  std::function<bool()> is_far_;
  std::size_t few_;
  Batch batch_;
  std::mutex mutex_;  // of all below
  std::condition_variable begun_;
  std::condition_variable ended_;
  std::size_t number_ = 0;  // of the batch
  bool open_ = false;       // may a thread still join the batch?
  unsigned busy_ = 0;       // threads in the batch, without the caller
  bool closed_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace larder::sys
