// SPDX-License-Identifier: Apache-2.0
// Entry table: what is accepted has all its numbers in range, and prints as it was read.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "bundle/entries.hpp"

using namespace larder::bundle;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check_ranges(const Entries& e) {
  for (const Block& block : e.blocks) require(block.volume < e.volumes.size() && block.raw <= k_max_block);
  for (const Blob& blob : e.blobs) {
    require(blob.block < e.blocks.size());
    require(std::uint64_t{blob.offset} + blob.size <= e.blocks[blob.block].raw);
  }
  for (const std::uint32_t piece : e.pieces) require(piece < e.blobs.size());
  for (const ModuleEntry& m : e.modules) {
    require(std::uint64_t{m.first_file} + m.file_count <= e.files.size());
    for (const File& file : e.files_of(m)) require(!file.name.empty() && !e.pieces_of(file.content).empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto entries = parse_entries(text);
  if (!entries) return 0;
  check_ranges(*entries);
  require(entries->passed_over > 0 || print_entries(*entries) == text);
  const auto again = parse_entries(print_entries(*entries));
  // Without the lines passed over, blobs that only those needed are orphans.
  require(again.has_value() || entries->passed_over > 0);
  return 0;
}
