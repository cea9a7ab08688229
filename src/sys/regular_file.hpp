// SPDX-License-Identifier: Apache-2.0
// Files that a setting names. A pipe, a device or a folder in such a place never holds a run up: nothing here
// waits, and nothing but a regular file is read. Thread rule: free functions, any thread.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "sys/files.hpp"

namespace larder::sys {

// Kind::invalid for what is no regular file, with a hint: "/dev/zero: a device, not a regular file".
Result<Fd> open_regular(const Path& path);
// Kind::invalid above `limit` bytes too.
Result<std::string> read_regular(const Path& path, std::uint64_t limit = k_text_file_limit);

}  // namespace larder::sys
