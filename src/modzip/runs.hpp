// SPDX-License-Identifier: Apache-2.0
// Work on an ordered list of files, cut into runs of neighbours: threads take whole runs, so that each stays
// within few directories. Memory: nothing per file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <vector>

#include "base/result.hpp"

namespace larder::modzip {

struct Run {
  std::size_t begin = 0;  // [begin, end)
  std::size_t end = 0;
};

// One run for everything, unless there are several threads and at least 8 MiB or 2000 files to share.
std::vector<Run> cut_runs(std::size_t count, unsigned threads,
                          const std::function<std::uint64_t(std::size_t)>& size_of);

// Calls work for each run; the error of the earliest failing run, if any. After a failure no further runs are
// started.
Result<void> for_each_run(const std::vector<Run>& runs, unsigned threads,
                          const std::function<Result<void>(const Run&)>& work);

// Kind::cancelled once a stop is requested.
Result<void> check_stop(const std::stop_token& stop);

}  // namespace larder::modzip
