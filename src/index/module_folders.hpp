// SPDX-License-Identifier: Apache-2.0
// The folders of one module version in the module cache: what the index on the shelf says of them, and what
// was read since. Thread rule: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gomod/h1.hpp"
#include "index/package_index.hpp"
#include "index/shelf.hpp"
#include "sys/parallel.hpp"

namespace larder::index {

class ModuleFolders {
 public:
  // content: of the module's zip, which is what its folders were made of. The shelf must outlive it.
  ModuleFolders(const Shelf& shelf, const gomod::H1& content);

  std::optional<bool> has_go_files(std::string_view folder);
  // Only where it was scanned.
  std::optional<FolderRecord> scanned(std::string_view folder);
  void learn(std::string_view folder, FolderRecord record);
  // True where there was something new to write.
  bool save();

 private:
  const Shelf& shelf_;
  std::string key_;
  std::string name_;
  PackageIndex known_;
  sys::Sync<FolderRecords> learned_;
};

}  // namespace larder::index
