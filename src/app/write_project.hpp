// SPDX-License-Identifier: Apache-2.0
// go.mod and go.work of a project, written beside go commands that may read or write them at the same time.
//
// The rules are go's own: flock on the file itself, never a rename (links, modes and the locks of others
// stay); a file that changed since it was read is not overwritten; one that would not change is not written;
// where the disk is full the old content stays. A file that grows gets its new tail first, so that lack of
// space shows before anything is overwritten.
// Thread rule: free functions, any thread. Spec: go-resolution.md 0 (8).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "sys/files.hpp"
#include "sys/lock.hpp"

namespace larder::app {

// Under a shared lock. "open FILE: no such file or directory"
Result<std::string> read_shared(const sys::Path& file);

// What is in the file must be `before`, else Kind::unavailable with the words of `changed`.
Result<void> rewrite_shared(const sys::Path& file, std::string_view before, std::string_view after,
                            std::string_view changed = "existing contents have changed since last read");
// Whatever is in the file, if there is one.
Result<void> write_shared(const sys::Path& file, std::string_view content);

// GOMODCACHE/cache/lock, which old go commands take before they edit files of the project. Best effort:
// nullopt where it cannot be had. Hold it while writing.
std::optional<sys::FileLock> side_lock(const sys::Path& modcache);

}  // namespace larder::app
