// SPDX-License-Identifier: Apache-2.0
// The files of packages that are copied: on disk, or in a module zip as if that was extracted.
// Thread rule: any thread.
#pragma once

#include <string_view>
#include <vector>

#include "app/module_zip.hpp"
#include "base/result.hpp"
#include "sys/files.hpp"

namespace larder::app {

class PackageFiles {
 public:
  virtual ~PackageFiles() = default;
  // As sys::list_dir.
  virtual Result<std::vector<sys::DirEntry>> list(const sys::Path& folder) const = 0;
  virtual bool is_file(const sys::Path& path) const = 0;
  virtual Result<void> copy(const sys::Path& from, const sys::Path& to) const = 0;
};

const PackageFiles& files_on_disk();

// Absolute paths below the zip's root.
class FilesInZip final : public PackageFiles {
 public:
  explicit FilesInZip(ModuleZipPtr zip) : zip_(std::move(zip)) {}
  Result<std::vector<sys::DirEntry>> list(const sys::Path& folder) const override;
  bool is_file(const sys::Path& path) const override;
  Result<void> copy(const sys::Path& from, const sys::Path& to) const override;
  // Until the thread reads the next one.
  Result<std::string_view> read(const sys::Path& path) const;

 private:
  ModuleZipPtr zip_;
};

}  // namespace larder::app
