// SPDX-License-Identifier: Apache-2.0
#include "sys/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <vector>

#include <sched.h>

namespace larder::sys {

namespace {

// To start a thread and to join it takes a twentieth of it.
constexpr std::chrono::milliseconds k_short_work{2};

}  // namespace

unsigned cpu_count() {
  static const unsigned k_count = [] {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) == 0)
      return std::max(1U, static_cast<unsigned>(CPU_COUNT(&set)));
    return std::max(1U, std::thread::hardware_concurrency());
  }();
  return k_count;
}

void parallel_for(std::size_t count, unsigned threads, std::stop_token stop,
                  const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  const auto run = [&] {
    for (std::size_t i = next++; i < count && !stop.stop_requested(); i = next++) work(i);
  };
  const auto helpers = std::min<std::size_t>(std::max(1U, threads), count);
  if (helpers <= 1) return run();
  std::promise<void> ended;
  const std::jthread foreman([&, over = ended.get_future()] {
    std::vector<std::jthread> others;
    std::size_t seen = 0;
    do {
      if (over.wait_for(k_short_work) == std::future_status::ready) return;
      // As many as would end the rest in as much time again; the caller and this one count too.
      const auto begun = std::min<std::size_t>(next, count);
      const auto more = (count - begun) / std::max<std::size_t>(1, begun - seen);
      for (std::size_t i = 0; i < more && others.size() + 2 < helpers; ++i) others.emplace_back(run);
      seen = begun;
    } while (seen < count && others.size() + 2 < helpers);
    run();
  });
  run();
  ended.set_value();
}

void run_when_idle() {
  const sched_param none{};
  // Where the kernel forbids it, they run as the others do.
  static_cast<void>(::sched_setscheduler(0, SCHED_IDLE, &none));
}

}  // namespace larder::sys
