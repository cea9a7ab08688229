// SPDX-License-Identifier: Apache-2.0
// Reads a zip held in memory (usually mapped by the caller): the central directory is the only source of
// truth, every local header is checked against it when the archive is opened.
//
// Invariants of an open Archive: each entry's local header, data and data descriptor lie inside the zip,
// before the central directory, and no two entries share a byte; the method is stored or deflated; nothing is
// encrypted or split over disks; sizes are possible (deflate cannot expand more than 1032 times). Zip64
// records are understood where present. Not checked here: the meaning of names (check.hpp) and the data
// (read()). Stricter than Go's reader: no bytes after the comment, offsets count from the first byte, no name
// or method that differs between the two headers.
//
// Thread rule: an Archive is immutable and may be read by many threads, each with its own Scratch. The bytes
// must outlive the Archive and must not change. Spec: go-modules.md 4.6, 4.7.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "modzip/limits.hpp"

namespace larder::modzip {

enum class Method : std::uint16_t { stored = 0, deflated = 8 };

// One record of the central directory.
struct Entry {
  std::string_view name;  // raw bytes as stored, inside the zip's bytes
  std::uint64_t size = 0;
  std::uint64_t compressed_size = 0;
  std::uint64_t data_offset = 0;  // of the (compressed) content, from the start of the zip
  std::uint32_t crc32 = 0;
  std::uint32_t external_attributes = 0;  // Unix mode in the upper half when made_by says so
  std::uint16_t made_by = 0;
  std::uint16_t flags = 0;
  Method method = Method::stored;

  bool is_directory() const { return name.ends_with('/'); }
};

// Memory and decoder state for reading entries, reused from one to the next. One thread at a time.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(Scratch&& other) noexcept;
  Scratch& operator=(Scratch&& other) noexcept;
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  // At least `size` bytes of uninitialised memory, valid until the next call on this object.
  std::span<std::byte> reserve(std::size_t size);
  // Gives memory above `keep` bytes back.
  void shrink(std::size_t keep);
  // The calling thread's own, for code that has none to pass. Not to be used while bytes read through it are
  // still needed by a caller further up.
  static Scratch& of_thread();

 private:
  friend class Archive;
  void* decoder_ = nullptr;  // libdeflate_decompressor, made on first use
  std::unique_ptr<std::byte[]> memory_;
  std::size_t capacity_ = 0;
};

class Archive {
 public:
  // Kind::invalid for anything that is not a whole, unambiguous zip within the limits.
  static Result<Archive> open(Bytes zip, const Limits& limits = {});

  std::span<const Entry> entries() const { return entries_; }  // in the order of the central directory
  std::size_t zip_size() const { return zip_.size(); }

  // The content of one of entries(), its length and CRC-32 checked. Stored content is a view into the zip,
  // inflated content is in `scratch`: valid until scratch is used again.
  Result<Bytes> read(const Entry& entry, Scratch& scratch) const;

 private:
  Archive(Bytes zip, Limits limits, std::vector<Entry> entries)
      : zip_(zip), limits_(limits), entries_(std::move(entries)) {}

  Bytes zip_;
  Limits limits_;
  std::vector<Entry> entries_;
};

}  // namespace larder::modzip
