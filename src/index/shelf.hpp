// SPDX-License-Identifier: Apache-2.0
// The folder of index files. What it holds can be deleted at any time and costs nothing but time: every
// failure to read or write is taken as "not there".
//
// Invariants: a file appears whole or not at all; nothing above k_largest_file is read or written; files that
// nobody read for a season go, and the oldest where all together are too large.
// Thread rule: any thread, any number of processes. Format: docs/formats/index.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sys/files.hpp"

namespace larder::index {

class Shelf {
 public:
  struct Limits {
    std::uint64_t file = 32U << 20U;                         // bytes
    std::uint64_t all = 512U << 20U;                         // bytes
    std::int64_t unused = std::int64_t{60} * 24 * 3600;      // seconds
    std::int64_t between_tidying = std::int64_t{24} * 3600;  // seconds
  };
  explicit Shelf(sys::Path root) : Shelf(std::move(root), Limits()) {}
  Shelf(sys::Path root, Limits limits);

  std::optional<std::string> read(const std::string& name) const;
  void write(const std::string& name, std::string_view file) const;
  // Removes what is too old or too much; does nothing where it was done lately.
  void tidy() const;

 private:
  sys::Path root_;
  Limits limits_;
};

}  // namespace larder::index
