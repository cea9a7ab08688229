// SPDX-License-Identifier: Apache-2.0
// The files that the //go:embed patterns of a package name.
// Thread rule: a free function, safe from any thread. Spec: go-resolution.md 7 (mod vendor).
#pragma once

#include <string>
#include <vector>

#include "app/package_files.hpp"
#include "base/result.hpp"
#include "sys/files.hpp"

namespace larder::app {

// Names relative to the package's folder, slash-separated, sorted, each once. The error is go's:
// "pattern x/*: no matching files found". Symbolic links are not followed, hidden files in a folder count
// only under "all:".
Result<std::vector<std::string>> resolve_embeds(const sys::Path& package,
                                                const std::vector<std::string>& patterns,
                                                const PackageFiles& files = files_on_disk());

}  // namespace larder::app
