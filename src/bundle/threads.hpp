// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "sys/parallel.hpp"

namespace larder::bundle {

// asked 0: as many as help. Each holds a block or two; beyond four the disk is the limit.
inline unsigned threads_for(unsigned asked) {
  constexpr unsigned k_most = 4;
  return asked > 0 ? asked : std::min(sys::cpu_count(), k_most);
}

}  // namespace larder::bundle
