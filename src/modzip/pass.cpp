// SPDX-License-Identifier: Apache-2.0
#include "modzip/pass.hpp"

#include <algorithm>
#include <cstddef>
#include <semaphore>
#include <vector>

#include <fmt/format.h>

#include "base/text.hpp"
#include "modzip/check.hpp"
#include "modzip/h1_stream.hpp"
#include "modzip/runs.hpp"
#include "sys/parallel.hpp"

namespace larder::modzip {

namespace {

// A thread keeps so much between modules; nearly all files are smaller.
constexpr std::size_t k_kept = std::size_t{1} << 20U;
constexpr std::uint64_t k_mib = std::uint64_t{1} << 20U;

// Threads that wait for a network outnumber the processors; all of them inflating at once would be no faster
// and would hold a module and its buffers each. So passes take turns, with some to spare for waits of the
// disk.
class Turn {
 public:
  Turn() { turns().acquire(); }
  ~Turn() { turns().release(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  static std::counting_semaphore<>& turns() {
    static std::counting_semaphore<> turns(static_cast<std::ptrdiff_t>(sys::cpu_count()) + 1);
    return turns;
  }
};

Result<std::vector<const Entry*>> sorted_by_name(const Archive& archive) {
  std::vector<const Entry*> order;
  order.reserve(archive.entries().size());
  std::uint64_t total = 0;
  for (const Entry& entry : archive.entries()) {
    if (entry.size > k_max_zip_file - total) return fail(Kind::invalid, too_large_text());
    total += entry.size;
    order.push_back(&entry);
  }
  const auto by_name = [](const Entry* a, const Entry* b) { return a->name < b->name; };
  if (!std::is_sorted(order.begin(), order.end(), by_name)) std::sort(order.begin(), order.end(), by_name);
  const auto repeated = std::adjacent_find(order.begin(), order.end(), [](const Entry* a, const Entry* b) {
    return a->name == b->name && !a->is_directory();
  });
  if (repeated != order.end()) {
    return fail(Kind::invalid, fmt::format("multiple entries for file {}", quote((*repeated)->name)));
  }
  return order;
}

}  // namespace

Result<gomod::H1> hash_in_one_pass(const Archive& archive, const PassOptions& options,
                                   const std::function<EntrySink()>& make_sink) {
  const auto order = TRY(sorted_by_name(archive));
  const Turn turn;
  std::vector<Digest> digests(order.size());
  const auto work = [&](const Run& run) -> Result<void> {
    Scratch& scratch = options.scratch != nullptr ? *options.scratch : Scratch::of_thread();
    const EntrySink sink = make_sink ? make_sink() : EntrySink();
    std::uint64_t seen = 0;  // bytes of the zip since the last on_mib
    for (std::size_t i = run.begin; i < run.end; ++i) {
      TRY(check_stop(options.stop));
      const Bytes content = TRY(archive.read(*order[i], scratch));
      digests[i] = sha256(content);
      if (sink) TRY(sink(*order[i], content));
      seen += order[i]->compressed_size;
      if (seen < k_mib || !options.on_mib) continue;
      options.on_mib();
      seen = 0;
    }
    scratch.shrink(k_kept);
    return {};
  };
  const auto runs = cut_runs(order.size(), options.threads, [&](std::size_t i) { return order[i]->size; });
  TRY(for_each_run(runs, options.threads, work));
  H1Stream h1;
  for (std::size_t i = 0; i < order.size(); ++i) TRY(h1.add(order[i]->name, digests[i]));
  return h1.finish();
}

}  // namespace larder::modzip
