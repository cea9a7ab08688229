// SPDX-License-Identifier: Apache-2.0
// The sizes a module zip may have (spec go-modules.md section 4) and the ones Larder adds so that a hostile
// archive costs bounded memory. All in bytes, except counts. Values; free to share.
#pragma once

#include <cstdint>

namespace larder::modzip {

inline constexpr std::uint64_t k_max_zip_file = std::uint64_t{500} << 20U;  // the zip, and its files together
inline constexpr std::uint64_t k_max_go_mod = std::uint64_t{16} << 20U;
inline constexpr std::uint64_t k_max_license = std::uint64_t{16} << 20U;

struct Limits {
  std::uint64_t zip_size = k_max_zip_file;
  std::uint64_t entry_size = k_max_zip_file;  // uncompressed size of one entry that read() will inflate
  // Go has no such limit; the largest public modules have some 20,000 files. An entry costs about 60 bytes
  // here and 46 in the zip.
  std::uint64_t entries = 500'000;
};

}  // namespace larder::modzip
