// SPDX-License-Identifier: Apache-2.0
// What goes into a bundle, in which order, cut into jobs of about one block. Made from the zips' directories
// alone: names, sizes and CRC-32s; nothing is inflated here. Equal size and CRC make two files likely
// duplicates, which is used for order and sizes only: the packer compares SHA-256s.
//
// Thread rule: make_plan runs threads inside; a Plan is a value. Order: docs/formats/bundle.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "bundle/entries.hpp"
#include "bundle/packer.hpp"
#include "gomod/h1.hpp"
#include "store/go_modules.hpp"

namespace larder::bundle {

// Which bytes of a module an item stands for: a file of the plan, by index, or one of these.
inline constexpr std::uint32_t k_part_info = UINT32_MAX;
inline constexpr std::uint32_t k_part_mod = UINT32_MAX - 1;
inline constexpr std::uint32_t k_part_zip = UINT32_MAX - 2;

struct PlannedFile {
  std::string_view name;    // in SourceModule::names
  std::uint32_t entry = 0;  // of the archive
  std::uint32_t crc32 = 0;
  std::uint64_t size = 0;
};

struct SourceModule {
  gomod::Module module;
  Form form = Form::files;
  gomod::H1 h1;
  std::string names;               // of all files, one after the other
  std::vector<PlannedFile> files;  // sorted by name; form files
  std::uint64_t info_size = 0;
  std::uint64_t mod_size = 0;
  std::uint64_t zip_size = 0;
  std::optional<Error> error;
};

struct Item {
  std::uint32_t module = 0;  // index into Plan::modules
  std::uint32_t part = 0;
  bool repeat = false;  // likely equal to an earlier item
};

struct Job {
  std::size_t first = 0;  // range of Plan::items
  std::size_t count = 0;
};

struct Plan {
  std::vector<SourceModule> modules;  // sorted by path, version; each once
  std::vector<Item> items;            // in the order of the blobs
  std::vector<Job> jobs;
  std::uint64_t total_bytes = 0;  // of all items

  std::uint64_t size_of(const Item& item) const;
};

// Modules that cannot be read have their `error` set and no items.
Plan make_plan(const store::GoModules& from, std::span<const PackModule> modules, const PackOptions& options,
               unsigned threads, const std::stop_token& stop);

}  // namespace larder::bundle
