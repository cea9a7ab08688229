// SPDX-License-Identifier: Apache-2.0
// run_limited for programs that nobody vouches for: one that writes without end is ended. Thread rule: any
// thread.
#pragma once

#include "sys/process.hpp"

namespace larder::sys {

// As run_limited, but who writes `keep` bytes or more to a captured stream is killed, with its children,
// which is Kind::unavailable.
Result<Outcome> run_bounded(const Command& command, const RunLimits& limits);

}  // namespace larder::sys
