// SPDX-License-Identifier: Apache-2.0
// The container: a POSIX ustar archive of plain files with plain names, nothing else. Strict on purpose:
// whatever could be read in two ways is refused. Written here rather than with libarchive, because that
// library reads many formats and repairs what it can, and neither is wanted for bytes from outside.
//
// Pure functions over headers, plus a scan of a file. Thread rule: free functions.
// Format: docs/formats/bundle.md, "Container".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "base/result.hpp"

namespace larder::bundle {

inline constexpr std::size_t k_tar_block = 512;
inline constexpr std::uint64_t k_max_tar_size = (1ULL << 33U) - 1;  // 11 octal digits

struct TarMember {
  std::string name;
  std::uint64_t offset = 0;  // of the content, from the start of the file
  std::uint64_t size = 0;
};

using TarHeader = std::array<std::byte, k_tar_block>;

// mtime in Unix seconds. The name must be a valid member name, the size at most k_max_tar_size.
TarHeader make_tar_header(std::string_view name, std::uint64_t size, std::int64_t mtime);
// Zero bytes needed after a content of that size.
constexpr std::size_t tar_padding(std::uint64_t size) {
  return static_cast<std::size_t>((k_tar_block - size % k_tar_block) % k_tar_block);
}
// 1 to 99 characters of [A-Za-z0-9._-], not beginning with '.' or '-'.
bool valid_member_name(std::string_view name);

// All members, in order, without their contents. Kind::unverified for anything else than a whole archive.
Result<std::vector<TarMember>> scan_tar(int fd, std::uint64_t file_size, std::uint64_t max_members);

// Exactly `size` bytes at `offset`; a short file is Kind::unverified.
Result<void> read_at(int fd, std::uint64_t offset, std::span<std::byte> into);
Result<std::string> read_at(int fd, std::uint64_t offset, std::uint64_t size);

}  // namespace larder::bundle
