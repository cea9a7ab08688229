// SPDX-License-Identifier: Apache-2.0
// go.sum (and go.work.sum): hashes of module zips and of go.mod files.
// Invariants: every hash list is in file order without duplicates; hashes of any "hN:" form are kept as text.
// The hash of an empty go.mod, written by an old bug of go, is dropped when read.
// Thread rule: a value; share it read-only. Spec: go-modules.md 3.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "gomod/module.hpp"

namespace larder::gomod {

class GoSum {
 public:
  enum class Of { zip, go_mod };

  // Fails with "malformed go.sum:\nFILE:LINE: wrong number of fields N" at the first bad line.
  static Result<GoSum> parse(std::string_view file, std::string_view text);
  // Skips bad lines, as `go mod tidy` does.
  static GoSum parse_lenient(std::string_view text);

  // All hashes known for it; empty where there are none. Valid until the GoSum changes.
  std::span<const std::string> lookup(const Module& m, Of of) const;
  // Is there one that can be compared with? Hashes of an algorithm of the future ("h2:…") vouch for nothing.
  bool has(const Module& m, Of of) const;
  bool has(const Module& m, Of of, std::string_view hash) const;

  // True where the hash is new.
  bool add(const Module& m, Of of, std::string_view hash);
  void remove(const Module& m, Of of);
  void merge(const GoSum& other);
  void merge(GoSum&& other);

  // Number of (module, zip or go.mod) keys.
  std::size_t size() const { return hashes_.size(); }
  bool empty() const { return hashes_.empty(); }

  struct Entry {
    Module module;  // without the "/go.mod" suffix
    Of of;
    std::vector<std::string> hashes;  // sorted
  };
  // Everything in the order of the file. Keys with other suffixes than "/go.mod" are not modules: left out.
  std::vector<Entry> entries() const;
  // The file's bytes in go's order, duplicates removed.
  std::string str() const;

  friend bool operator==(const GoSum&, const GoSum&) = default;

 private:
  // The version includes the "/go.mod" suffix, as in the file.
  using Map = std::unordered_map<Module, std::vector<std::string>, ModuleHash>;

  static Result<GoSum> read(std::string_view file, std::string_view text, bool strict);
  std::vector<const Map::value_type*> sorted() const;

  Map hashes_;
};

}  // namespace larder::gomod
