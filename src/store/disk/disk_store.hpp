// SPDX-License-Identifier: Apache-2.0
// A store in a folder: keys are paths below it. Uploads are temp files beside their target (as the go command
// names them), fsynced, then renamed. Locks are flock on "<key>.lock" files, never deleted. `open_or_create`
// writes `larder/format` ("larder store 1\n") and refuses a folder whose format is newer than this program
// knows.
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.hpp"
#include "store/store.hpp"

namespace larder::store {

enum class Access { read_only, read_write };

// read_only: Kind::not_found when the folder does not exist. read_write: creates what is missing.
Result<std::unique_ptr<Store>> open_disk_store(const std::filesystem::path& root, Access access);

}  // namespace larder::store
