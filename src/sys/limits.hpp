// SPDX-License-Identifier: Apache-2.0
// What the system lets this process have. Thread rule: call from any thread; the limit is the process's.
#pragma once

#include <cstdint>

namespace larder::sys {

// Raises the soft limit of open files to `wanted`, or as far as the hard limit allows; never lowers it.
// Returns what holds now. Programs started later inherit it.
std::uint64_t raise_open_files(std::uint64_t wanted);

}  // namespace larder::sys
