// SPDX-License-Identifier: Apache-2.0
// For tests: zips of which every field can be a lie. Defaults make a correct zip. Sits beside the code
// because only this folder knows the format.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "modzip/archive.hpp"

namespace larder::modzip::test {

struct RawEntry {
  std::string name;
  std::string content;
  std::uint16_t method = 0;              // 8: content is deflated
  std::uint16_t flags = 0;               // both headers
  std::optional<std::string> data = {};  // the compressed bytes, instead of those made from content

  // What the headers say, where it is not the truth.
  std::optional<std::uint32_t> crc32 = {};
  std::optional<std::uint64_t> size = {};
  std::optional<std::uint64_t> compressed_size = {};
  std::optional<std::uint64_t> offset = {};
  std::optional<std::string> local_name = {};
  std::optional<std::uint16_t> local_method = {};
  std::optional<std::uint32_t> local_size = {};
  std::uint32_t external_attributes = 0;
  std::uint16_t disk = 0;
  std::string local_extra = {};
  std::string central_extra = {};
  std::optional<std::string> descriptor = {};  // after the data; sets flag 8 and zero local sizes
  bool zip64 = false;                          // sizes and offset in a zip64 extra field
};

struct EndRecord {
  std::optional<std::uint16_t> entries = {};
  std::optional<std::uint32_t> size = {};
  std::optional<std::uint32_t> offset = {};
  std::uint16_t disk = 0;
  std::string comment = {};
  std::optional<std::uint16_t> comment_length = {};
  std::string before = {};     // ahead of the first entry; offsets do not count it
  std::string after = {};      // behind the comment
  std::string raw_zip64 = {};  // between central directory and end record; "auto" makes correct records
};

std::string deflate(std::string_view content);
std::string build_zip(const std::vector<RawEntry>& entries, const EndRecord& end = {});
// A data descriptor of this content; `wide` sizes have 8 bytes.
std::string descriptor_of(const RawEntry& entry, bool with_signature, bool wide);

// "NAME=CONTENT\n" for each entry, or "error: …".
std::string dump(std::string_view zip);

}  // namespace larder::modzip::test
