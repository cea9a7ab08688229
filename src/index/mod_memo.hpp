// SPDX-License-Identifier: Apache-2.0
// What many go.mod files of a module cache said when they were read, so that a requirement graph is loaded
// without opening them. An entry counts only while its file has the same stamp: size, times and inode.
//
// Invariant: bytes that are not a whole memo of this version are an empty one.
// Thread rule: immutable; share it. Format: docs/formats/index.md.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "index/record.hpp"
#include "index/stamp.hpp"
#include "resolve/summary.hpp"

namespace larder::index {

struct RememberedMod {
  Stamp stamp;
  Digest hash;  // of the go.mod, as in go.sum
  resolve::SummaryPtr summary;
};
using RememberedMods = std::map<gomod::Module, RememberedMod>;

class ModMemo {
 public:
  ModMemo() = default;
  static ModMemo parse(std::string file);

  // nullopt: never read, or its entry makes no sense.
  std::optional<RememberedMod> find(const gomod::Module& module) const;
  std::size_t size() const { return table_.count; }
  RememberedMods all() const;

  static std::string encode(const RememberedMods& mods);

 private:
  struct Place {
    std::string_view path;
    std::string_view version;
    std::uint32_t offset = 0;
  };
  std::optional<Place> place(std::uint32_t number) const;
  std::optional<RememberedMod> read(const Place& place) const;

  // On the heap, so that views into it stay right when the memo is moved.
  std::unique_ptr<const std::string> file_;
  Table table_;  // a place: path, version, offset; sorted by path and version
};

}  // namespace larder::index
