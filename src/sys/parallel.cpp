// SPDX-License-Identifier: Apache-2.0
#include "sys/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include <sched.h>

namespace larder::sys {

unsigned cpu_count() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) == 0)
    return std::max(1U, static_cast<unsigned>(CPU_COUNT(&set)));
  return std::max(1U, std::thread::hardware_concurrency());
}

void parallel_for(std::size_t count, unsigned threads, std::stop_token stop,
                  const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  const auto run = [&] {
    for (std::size_t i = next++; i < count && !stop.stop_requested(); i = next++) work(i);
  };
  const auto helpers = std::min<std::size_t>(std::max(1U, threads), count);
  std::vector<std::jthread> pool;
  for (std::size_t i = 1; i < helpers; ++i) pool.emplace_back(run);
  run();
}

void run_when_idle() {
  const sched_param none{};
  // Where the kernel forbids it, they run as the others do.
  static_cast<void>(::sched_setscheduler(0, SCHED_IDLE, &none));
}

}  // namespace larder::sys
