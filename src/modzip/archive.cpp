// SPDX-License-Identifier: Apache-2.0
#include "modzip/archive.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <libdeflate.h>

#include "base/text.hpp"
#include "modzip/little_endian.hpp"
#include "modzip/zip_layout.hpp"

namespace larder::modzip {

namespace {

// A two-bit code can stand for the longest match, 258 bytes.
constexpr std::uint64_t k_deflate_best = std::uint64_t{258} * 4;

constexpr std::string_view k_no_zip = "zip: not a valid zip file";

Failure bad(std::string_view what) {
  return fail(Kind::invalid, fmt::format("{}: {}", k_no_zip, what));
}
Failure bad(std::string_view what, std::string_view name) {
  return fail(Kind::invalid, fmt::format("{}: {} {}", k_no_zip, what, quote(name)));
}

// Where the central directory is and how many records it has.
struct End {
  std::uint64_t entries = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

// Offset of the end record: the last signature in reach must be the record whose comment ends the file.
// Anything else could be read in two ways.
Result<std::size_t> find_end(Bytes zip) {
  if (zip.size() < k_end_length) return fail(Kind::invalid, std::string(k_no_zip));
  const std::size_t last = zip.size() - k_end_length;
  const std::size_t first = last > k_max16 ? last - k_max16 : 0;
  for (std::size_t at = last + 1; at-- > first;) {
    if (zip[at] != std::byte{'P'} || load<std::uint32_t>(zip, at) != k_end_signature) continue;
    if (at + k_end_length + load<std::uint16_t>(zip, at + 20) != zip.size()) {
      return fail(Kind::invalid, "zip: invalid comment length");
    }
    return at;
  }
  return fail(Kind::invalid, std::string(k_no_zip));
}

// The zip64 end record that the locator before `end` points to; it must fill the space up to the locator.
Result<End> read_end64(Bytes zip, std::size_t end) {
  const std::size_t locator = end - k_locator64_length;
  const auto at = load<std::uint64_t>(zip, locator + 8);
  if (load<std::uint32_t>(zip, locator + 4) != 0 || load<std::uint32_t>(zip, locator + 16) > 1) {
    return bad("split over several disks");
  }
  if (at > locator || locator - at < k_end64_length) return bad("zip64 locator points outside");
  const auto record = zip.subspan(static_cast<std::size_t>(at), locator - static_cast<std::size_t>(at));
  if (load<std::uint32_t>(record, 0) != k_end64_signature) return bad("zip64 end record missing");
  if (load<std::uint64_t>(record, 4) != record.size() - 12) return bad("zip64 end record has a wrong size");
  if (load<std::uint32_t>(record, 16) != 0 || load<std::uint32_t>(record, 20) != 0) {
    return bad("split over several disks");
  }
  const End out{.entries = load<std::uint64_t>(record, 32),
                .offset = load<std::uint64_t>(record, 48),
                .size = load<std::uint64_t>(record, 40)};
  if (load<std::uint64_t>(record, 24) != out.entries) return bad("split over several disks");
  if (out.offset > at || out.size != at - out.offset)
    return bad("central directory is not where it should be");
  return out;
}

bool has_locator64(Bytes zip, std::size_t end) {
  return end >= k_locator64_length &&
         load<std::uint32_t>(zip, end - k_locator64_length) == k_locator64_signature;
}

Result<End> read_end(Bytes zip, std::size_t end) {
  const auto disk_entries = load<std::uint16_t>(zip, end + 8);
  const End small{.entries = load<std::uint16_t>(zip, end + 10),
                  .offset = load<std::uint32_t>(zip, end + 16),
                  .size = load<std::uint32_t>(zip, end + 12)};
  const bool saturated = small.entries == k_max16 || small.offset == k_max32 || small.size == k_max32;
  if (saturated && has_locator64(zip, end)) {
    const End large = TRY(read_end64(zip, end));
    const auto agrees = [](std::uint64_t narrow, std::uint64_t limit, std::uint64_t wide) {
      return narrow == limit || narrow == wide;
    };
    if (!agrees(small.entries, k_max16, large.entries) || !agrees(small.offset, k_max32, large.offset) ||
        !agrees(small.size, k_max32, large.size)) {
      return bad("zip64 end record contradicts the end record");
    }
    return large;
  }
  if (load<std::uint16_t>(zip, end + 4) != 0 || load<std::uint16_t>(zip, end + 6) != 0 ||
      disk_entries != small.entries) {
    return bad("split over several disks");
  }
  if (small.offset > end || small.size != end - small.offset) {
    return bad("central directory is not where it should be");
  }
  return small;
}

// A record of the central directory, with what open() needs but an Entry does not keep.
struct DirectoryRecord {
  Entry entry;
  std::uint64_t header_offset = 0;
  bool zip64 = false;
  std::size_t length = 0;  // of the record
};

// Replaces saturated fields by those of the zip64 extra field: size, compressed size, offset, in this order,
// each only if it is saturated.
Result<void> apply_zip64(DirectoryRecord& record, Bytes field) {
  std::size_t at = 0;
  for (std::uint64_t* const value :
       {&record.entry.size, &record.entry.compressed_size, &record.header_offset}) {
    if (*value != k_max32) continue;
    if (field.size() - at < 8) return bad("zip64 field is too short for", record.entry.name);
    *value = load<std::uint64_t>(field, at);
    at += 8;
  }
  record.zip64 = true;
  return {};
}

Result<void> read_extra(DirectoryRecord& record, Bytes extra) {
  std::size_t at = 0;
  while (extra.size() - at >= 4) {  // writers pad with up to three bytes
    const auto tag = load<std::uint16_t>(extra, at);
    const std::size_t length = load<std::uint16_t>(extra, at + 2);
    at += 4;
    if (length > extra.size() - at) return bad("extra field is cut off at", record.entry.name);
    if (tag == k_extra_zip64 && !record.zip64) TRY(apply_zip64(record, extra.subspan(at, length)));
    at += length;
  }
  return {};
}

Result<void> check_supported(const Entry& entry, std::uint16_t method) {
  constexpr auto k_encrypted = k_flag_encrypted | k_flag_strong_encryption | k_flag_masked;
  if ((entry.flags & k_encrypted) != 0) {
    return fail(Kind::invalid, fmt::format("zip: entry {} is encrypted", quote(entry.name)));
  }
  const bool known = method == static_cast<std::uint16_t>(Method::stored) ||
                     method == static_cast<std::uint16_t>(Method::deflated);
  if (!known || (entry.flags & k_flag_patch) != 0) {
    return fail(Kind::invalid,
                fmt::format("zip: unsupported compression algorithm {} of {}", method, quote(entry.name)));
  }
  return {};
}

Result<void> check_sizes(const Entry& entry) {
  const bool possible = entry.method == Method::stored ? entry.size == entry.compressed_size
                                                       : entry.size / k_deflate_best <= entry.compressed_size;
  if (!possible) return bad("impossible size of", entry.name);
  if (entry.is_directory() && entry.size != 0) return bad("directory with content", entry.name);
  return {};
}

// The record at the start of `rest`.
Result<DirectoryRecord> read_record(Bytes rest) {
  if (rest.size() < k_central_length || load<std::uint32_t>(rest, 0) != k_central_signature) {
    return bad("central directory has fewer records than it says");
  }
  const std::size_t name_length = load<std::uint16_t>(rest, 28);
  const std::size_t extra_length = load<std::uint16_t>(rest, 30);
  const std::size_t comment_length = load<std::uint16_t>(rest, 32);
  DirectoryRecord record{.header_offset = load<std::uint32_t>(rest, 42),
                         .length = k_central_length + name_length + extra_length + comment_length};
  if (record.length > rest.size()) return bad("central directory is cut off");
  Entry& entry = record.entry;
  entry.name = as_text(rest.subspan(k_central_length, name_length));
  entry.size = load<std::uint32_t>(rest, 24);
  entry.compressed_size = load<std::uint32_t>(rest, 20);
  entry.crc32 = load<std::uint32_t>(rest, 16);
  entry.external_attributes = load<std::uint32_t>(rest, 38);
  entry.made_by = load<std::uint16_t>(rest, 4);
  entry.flags = load<std::uint16_t>(rest, 8);
  const auto method = load<std::uint16_t>(rest, 10);
  if (load<std::uint16_t>(rest, 34) != 0) return bad("split over several disks");
  TRY(check_supported(entry, method));
  entry.method = Method{method};
  TRY(read_extra(record, rest.subspan(k_central_length + name_length, extra_length)));
  TRY(check_sizes(entry));
  return record;
}

// The bytes that an entry occupies, header to descriptor.
struct Extent {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

// Length of the data descriptor at the start of `rest`: with or without signature, sizes of 4 or 8 bytes.
std::optional<std::size_t> descriptor_length(Bytes rest, const Entry& entry) {
  for (const std::size_t width : {std::size_t{4}, std::size_t{8}}) {
    for (const std::size_t start : {std::size_t{4}, std::size_t{0}}) {
      const std::size_t length = start + 4 + 2 * width;
      if (rest.size() < length) continue;
      if (start == 4 && load<std::uint32_t>(rest, 0) != k_descriptor_signature) continue;
      const auto size_at = [&](std::size_t at) {
        return width == 4 ? load<std::uint32_t>(rest, at) : load<std::uint64_t>(rest, at);
      };
      if (load<std::uint32_t>(rest, start) == entry.crc32 && size_at(start + 4) == entry.compressed_size &&
          size_at(start + 4 + width) == entry.size) {
        return length;
      }
    }
  }
  return std::nullopt;
}

bool local_agrees(Bytes header, const DirectoryRecord& record) {
  const Entry& entry = record.entry;
  const auto flags = load<std::uint16_t>(header, 6);
  constexpr auto k_decisive = k_flag_encrypted | k_flag_descriptor | k_flag_patch;
  if (((flags ^ entry.flags) & k_decisive) != 0) return false;
  if (load<std::uint16_t>(header, 8) != static_cast<std::uint16_t>(entry.method)) return false;
  if ((flags & k_flag_descriptor) != 0) return true;  // sizes and sum follow the data
  const auto same = [](std::uint32_t local, std::uint64_t central) {
    return local == k_max32 || local == central;
  };
  return load<std::uint32_t>(header, 14) == entry.crc32 &&
         same(load<std::uint32_t>(header, 18), entry.compressed_size) &&
         same(load<std::uint32_t>(header, 22), entry.size);
}

// Finds the entry's data through its local header; `body` is everything before the central directory.
Result<Extent> locate(Bytes body, DirectoryRecord& record) {
  Entry& entry = record.entry;
  if (record.header_offset > body.size() || body.size() - record.header_offset < k_local_length) {
    return bad("offset points outside for", entry.name);
  }
  const Bytes header = body.subspan(static_cast<std::size_t>(record.header_offset));
  if (load<std::uint32_t>(header, 0) != k_local_signature) return bad("no local header for", entry.name);
  const std::size_t name_length = load<std::uint16_t>(header, 26);
  const std::size_t start = k_local_length + name_length + load<std::uint16_t>(header, 28);
  if (start > header.size() || header.size() - start < entry.compressed_size) {
    return bad("data reaches outside for", entry.name);
  }
  if (as_text(header.subspan(k_local_length, name_length)) != entry.name || !local_agrees(header, record)) {
    return bad("local header contradicts the central directory for", entry.name);
  }
  entry.data_offset = record.header_offset + start;
  Extent extent{.begin = record.header_offset, .end = entry.data_offset + entry.compressed_size};
  if ((entry.flags & k_flag_descriptor) != 0 && !entry.is_directory()) {
    const auto length = descriptor_length(body.subspan(static_cast<std::size_t>(extent.end)), entry);
    if (!length) return bad("wrong or missing data descriptor of", entry.name);
    extent.end += *length;
  }
  return extent;
}

bool overlap(std::vector<Extent>& extents) {
  const auto before = [](const Extent& a, const Extent& b) { return a.begin < b.begin; };
  if (!std::is_sorted(extents.begin(), extents.end(), before)) {
    std::sort(extents.begin(), extents.end(), before);
  }
  const auto touches = [](const Extent& a, const Extent& b) { return b.begin < a.end; };
  return std::adjacent_find(extents.begin(), extents.end(), touches) != extents.end();
}

Failure bad_content(const Entry& entry, std::string_view what) {
  return fail(Kind::invalid, fmt::format("{}: {}", entry.name, what));
}

libdeflate_decompressor* decoder(void*& slot) {
  if (slot == nullptr) slot = libdeflate_alloc_decompressor();
  LARDER_ASSERT(slot != nullptr);
  return static_cast<libdeflate_decompressor*>(slot);
}

}  // namespace

Result<Archive> Archive::open(Bytes zip, const Limits& limits) {
  if (zip.size() > limits.zip_size) {
    return fail(Kind::invalid, fmt::format("module zip file is too large ({} bytes; limit is {} bytes)",
                                           zip.size(), limits.zip_size));
  }
  const End end = TRY(read_end(zip, TRY(find_end(zip))));
  if (end.entries > end.size / k_central_length) return bad("impossible number of entries");
  if (end.entries > limits.entries) {
    return fail(Kind::invalid,
                fmt::format("zip: too many entries ({}; limit is {})", end.entries, limits.entries));
  }
  const Bytes body = zip.first(static_cast<std::size_t>(end.offset));
  Bytes rest = zip.subspan(body.size(), static_cast<std::size_t>(end.size));
  std::vector<Entry> entries;
  std::vector<Extent> extents;
  entries.reserve(static_cast<std::size_t>(end.entries));
  extents.reserve(static_cast<std::size_t>(end.entries));
  for (std::uint64_t i = 0; i < end.entries; ++i) {
    DirectoryRecord record = TRY(read_record(rest));
    rest = rest.subspan(record.length);
    extents.push_back(TRY(locate(body, record)));
    entries.push_back(record.entry);
  }
  if (!rest.empty()) return bad("central directory has more records than it says");
  if (overlap(extents)) return bad("entries overlap");
  return Archive(zip, limits, std::move(entries));
}

Result<Bytes> Archive::read(const Entry& entry, Scratch& scratch) const {
  if (entry.size > limits_.entry_size) {
    return bad_content(
        entry, fmt::format("too large ({} bytes; limit is {} bytes)", entry.size, limits_.entry_size));
  }
  if (entry.is_directory()) return Bytes{};
  const auto size = static_cast<std::size_t>(entry.size);
  Bytes content = zip_.subspan(static_cast<std::size_t>(entry.data_offset),
                               static_cast<std::size_t>(entry.compressed_size));
  if (entry.method == Method::deflated) {
    const auto out = scratch.reserve(size);
    // A null length demands exactly `size` bytes of output. Like Go's reader, bytes of the entry after the
    // final block are not looked at.
    std::size_t consumed = 0;
    switch (libdeflate_deflate_decompress_ex(decoder(scratch.decoder_), content.data(), content.size(),
                                             out.data(), size, &consumed, nullptr)) {
      case LIBDEFLATE_SUCCESS:
        break;
      case LIBDEFLATE_INSUFFICIENT_SPACE:
        return fail(Kind::invalid,
                    fmt::format("uncompressed size of file {} is larger than declared size ({} bytes)",
                                entry.name, entry.size));
      case LIBDEFLATE_SHORT_OUTPUT:
        return bad_content(
            entry, fmt::format("uncompressed size is smaller than declared size ({} bytes)", entry.size));
      default:
        return bad_content(entry, "corrupt compressed data");
    }
    content = out.first(size);
  }
  if (libdeflate_crc32(0, content.data(), content.size()) != entry.crc32) {
    return bad_content(entry, "zip: checksum error");
  }
  return content;
}

}  // namespace larder::modzip
