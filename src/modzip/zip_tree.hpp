// SPDX-License-Identifier: Apache-2.0
// A module zip seen as the tree of folders and files that its extraction would make, so that it can be read
// where it lies. Modes, links and directory entries of the zip mean nothing, as in extraction.
//
// Whether the zip may be believed is the caller's business: nothing is hashed here but each file's CRC-32.
// Invariant: no name has an empty, "." or ".." element, and none is both file and folder.
// Thread rule: immutable; many threads, each with its own Scratch. The zip's bytes must outlive it.
// Spec: go-modules.md 4.7, go-resolution.md 6.
#pragma once

#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "gomod/module.hpp"
#include "modzip/archive.hpp"

namespace larder::modzip {

class ZipTree {
 public:
  struct Child {
    std::string_view name;         // one element
    const Entry* entry = nullptr;  // nullptr: a folder
  };

  // Kind::invalid where the zip is none of this module, or would make more folders than anybody needs.
  static Result<ZipTree> open(const gomod::Module& module, Bytes zip);

  // Paths are slash-separated, below the module's root, which is "".
  bool has_folder(std::string_view folder) const { return folders_.contains(folder); }
  // Sorted by name; none where there is no such folder.
  std::span<const Child> list(std::string_view folder) const;
  // nullptr: there is no such file.
  const Entry* file(std::string_view path) const;
  // As Archive::read.
  Result<Bytes> read(const Entry& entry, Scratch& scratch) const { return archive_.read(entry, scratch); }

 private:
  explicit ZipTree(Archive archive) : archive_(std::move(archive)) {}
  Result<void> add(std::string_view path, const Entry& entry);
  Result<void> settle();

  Archive archive_;
  std::unordered_map<std::string_view, std::vector<Child>> folders_;
  std::size_t named_ = 0;  // bytes of the paths of all folders
};

}  // namespace larder::modzip
