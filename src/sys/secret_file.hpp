// SPDX-License-Identifier: Apache-2.0
// New files that only their owner may read. Thread rule: free functions, any thread.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "sys/files.hpp"

namespace larder::sys {

// Whole, or not at all: what could not be written is removed. Never in place of another file, which is
// Kind::invalid.
Result<void> write_secret_file(const Path& path, std::string_view text);

}  // namespace larder::sys
