// SPDX-License-Identifier: Apache-2.0
// What the folders of one module version hold for a loader of packages: are there Go files, and what do they
// import under any-tags? It grows: folders are in it that somebody asked for, absent ones too.
//
// Invariant: bytes that are not a whole index of this version for this module are an empty one.
// Thread rule: immutable; share it. Format: docs/formats/index.md.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index/record.hpp"

namespace larder::index {

struct FolderRecord {
  bool has_go_files = false;
  bool scanned = false;  // the rest was looked at
  bool no_go = false;    // no file counts
  std::vector<std::string> imports;
  std::vector<std::string> test_imports;

  friend bool operator==(const FolderRecord&, const FolderRecord&) = default;
};
// By path below the module's root; "" is the root.
using FolderRecords = std::map<std::string, FolderRecord, std::less<>>;

class PackageIndex {
 public:
  PackageIndex() = default;
  // key: what the module's files are known by.
  static PackageIndex parse(std::string file, std::string_view key);

  // nullopt: nobody asked for it yet.
  std::optional<bool> has_go_files(std::string_view folder) const;
  std::optional<FolderRecord> find(std::string_view folder) const;
  FolderRecords all() const;

  static std::string encode(std::string_view key, const FolderRecords& folders);

 private:
  struct Place {
    std::string_view folder;
    std::uint8_t flags = 0;
    std::uint32_t offset = 0;
  };
  std::optional<Place> place(std::uint32_t number) const;
  std::optional<Place> find_place(std::string_view folder) const;
  std::optional<FolderRecord> read(const Place& place) const;

  // On the heap, so that views into it stay right when the index is moved.
  std::unique_ptr<const std::string> file_;
  Table table_;  // a place: folder, flags, offset; sorted by folder
};

}  // namespace larder::index
