// SPDX-License-Identifier: Apache-2.0
#include "modzip/runs.hpp"

#include <optional>

#include "sys/parallel.hpp"

namespace larder::modzip {

namespace {
// Below these, starting a thread costs more than it saves.
constexpr std::uint64_t k_worth_sharing = std::uint64_t{8} << 20U;
constexpr std::size_t k_files_worth_sharing = 2000;
// A run is closed when it has so many bytes or files; small enough to balance the threads.
constexpr std::uint64_t k_run_bytes = std::uint64_t{2} << 20U;
constexpr std::size_t k_run_files = 256;
}  // namespace

std::vector<Run> cut_runs(std::size_t count, unsigned threads,
                          const std::function<std::uint64_t(std::size_t)>& size_of) {
  if (count == 0) return {};
  if (threads <= 1) return {{0, count}};
  std::vector<Run> runs;
  std::uint64_t total = 0;
  std::uint64_t bytes = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < count; ++i) {
    bytes += size_of(i);
    if (bytes < k_run_bytes && i - begin + 1 < k_run_files && i + 1 < count) continue;
    runs.push_back({begin, i + 1});
    total += bytes;
    bytes = 0;
    begin = i + 1;
  }
  if (total < k_worth_sharing && count < k_files_worth_sharing) return {{0, count}};
  return runs;
}

Result<void> for_each_run(const std::vector<Run>& runs, unsigned threads,
                          const std::function<Result<void>(const Run&)>& work) {
  if (runs.size() == 1) return work(runs.front());
  std::vector<std::optional<Error>> errors(runs.size());
  std::stop_source failed;
  sys::parallel_for(runs.size(), threads, failed.get_token(), [&](std::size_t i) {
    if (auto result = work(runs[i]); !result) {
      errors[i] = std::move(result).error();
      failed.request_stop();
    }
  });
  for (auto& error : errors) {
    if (error) return fail(*std::move(error));
  }
  return {};
}

Result<void> check_stop(const std::stop_token& stop) {
  if (stop.stop_requested()) return fail(Kind::cancelled, "cancelled");
  return {};
}

}  // namespace larder::modzip
