// SPDX-License-Identifier: Apache-2.0
// The entry table of a bundle: volumes, blocks, blobs, and per module the list name -> content. A text, one
// record a line, checked whole before anything is believed: after parse() every number is in range, every
// blob lies inside its block, every name and size is one a Go module may have, no name occurs twice or
// collides.
//
// Pure. Thread rule: an Entries is immutable after parse(); free to share. Memory: the text and 20 to 50
// bytes a record. Format: docs/formats/bundle.md, "Entry table".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "bundle/manifest.hpp"
#include "gomod/h1.hpp"
#include "gomod/module.hpp"

namespace larder::bundle {

inline constexpr std::uint64_t k_max_block = 32U << 20U;                   // bytes of content in one block
inline constexpr std::uint64_t k_max_blob = 8U << 20U;                     // longer contents have several
inline constexpr std::uint64_t k_max_packed = k_max_block + (64U << 10U);  // zstd adds 32 KiB at most
inline constexpr std::uint64_t k_max_entries = 256U << 20U;                // bytes of the table
inline constexpr std::uint64_t k_max_volume = 4ULL << 30U;                 // bytes of a member
inline constexpr std::uint64_t k_max_small_file = 16U << 20U;              // .info, .mod

// An independent zstd frame.
struct Block {
  std::uint32_t volume = 0;
  std::uint32_t packed = 0;  // bytes in the volume
  std::uint32_t raw = 0;     // bytes of content
  std::uint32_t first_blob = 0;
  std::uint32_t blobs = 0;
  std::uint64_t offset = 0;  // in the volume
};

struct Blob {
  Digest digest;
  std::uint32_t size = 0;
  std::uint32_t block = 0;
  std::uint32_t offset = 0;  // in the block
};

// A content: blobs one after the other, as a range of Entries::pieces. Nearly always one.
struct Content {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

struct File {
  std::string_view name;  // below the module's prefix, "a/b.go"
  Content content;
};

enum class Form {
  files,        // name -> content; the zip is made anew
  zip,          // the original zip, byte for byte
  requirement,  // .mod only
};

struct ModuleEntry {
  gomod::Module module;
  Form form = Form::files;
  gomod::H1 h1;  // not for requirements
  Content info;  // not for requirements
  Content mod;
  Content zip;                   // form zip
  std::uint32_t first_file = 0;  // form files: range of Entries::files, sorted by name
  std::uint32_t file_count = 0;
};

struct Entries {
  std::vector<std::string> volumes;  // member names, in order
  std::vector<Block> blocks;
  std::vector<Blob> blobs;
  std::vector<std::uint32_t> pieces;
  std::vector<File> files;
  std::vector<ModuleEntry> modules;   // sorted by path, then version, bytewise
  std::uint64_t passed_over = 0;      // lines of kinds this program does not know
  std::shared_ptr<const void> names;  // keeps what File::name views into

  std::span<const File> files_of(const ModuleEntry& m) const {
    return std::span(files).subspan(m.first_file, m.file_count);
  }
  std::span<const std::uint32_t> pieces_of(Content c) const {
    return std::span(pieces).subspan(c.first, c.count);
  }
  std::uint64_t size_of(Content c) const;  // bytes
};

// The table's text; for what parse_entries() accepts, its inverse but for lines of unknown kinds.
std::string print_entries(const Entries& entries);
// Kind::invalid with "entries:LINE: …".
Result<Entries> parse_entries(std::string text);

// May a module have these names and sizes? Also says whether they are sorted and none is listed twice.
Result<void> check_names(const Entries& entries, const ModuleEntry& module);
// Counts but zip_bytes, which the table does not know.
Counts count(const Entries& entries);

// Names the exact content of a set of modules, independent of order, blocks and form.
struct ContentLine {
  gomod::Module module;
  std::optional<gomod::H1> h1;  // whole modules
  std::optional<Digest> info;   // whole modules: SHA-256 of the bytes of .info
  Digest mod;                   // SHA-256 of the bytes of .mod
};
std::string content_root(const std::vector<ContentLine>& lines);  // 64 hex digits

}  // namespace larder::bundle
