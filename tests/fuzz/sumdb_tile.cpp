// SPDX-License-Identifier: Apache-2.0
// Tile paths: what is accepted is spelled in one way only, and lies in the largest tree.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sumdb/tile.hpp"

using namespace larder::sumdb;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view path(reinterpret_cast<const char*>(data), size);
  const auto tile = parse_tile_path(path);
  if (!tile) return 0;
  if (tile->path() != path) std::abort();
  if (tile->height < 1 || tile->height > 30 || tile->level > 63) std::abort();
  if (tile->width < 1 || tile->width > tile->full_width()) std::abort();
  if (tile->first() >> tile->height != tile->number) std::abort();
  if (!tile->full() && parse_tile_path(tile->widened().path()) != tile->widened()) std::abort();
  (void)parent(*tile, k_max_tree_size);
  return 0;
}
