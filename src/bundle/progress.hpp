// SPDX-License-Identifier: Apache-2.0
// How far a long piece of work has come. Called from worker threads, one call at a time.
#pragma once

#include <cstdint>
#include <functional>

namespace larder::bundle {

struct Progress {
  std::uint64_t done = 0;   // bytes of uncompressed content
  std::uint64_t total = 0;  // known from the start
};
using OnProgress = std::function<void(const Progress&)>;

}  // namespace larder::bundle
