// SPDX-License-Identifier: Apache-2.0
// The bytes of an index file: numbers in little-endian order, strings by their number in a table, and the
// frame that tells a whole file of this version from anything else.
//
// Invariant: reading never goes past the end, whatever the bytes are; a reader that met nonsense says so in
// ok() and answers zeros. Thread rule: values. Format: docs/formats/index.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace larder::index {

inline constexpr std::size_t k_number_size = sizeof(std::uint32_t);  // in a file

enum class FileKind : std::uint32_t { go_mods = 1, packages = 2, zips = 3 };

// The file for a payload; and the payload of a file, nullopt where it is damaged, cut, or of another version.
std::string seal(FileKind kind, std::string_view payload);
std::optional<std::string_view> open_sealed(FileKind kind, std::string_view file);

// For names of files; no protection against those who look for collisions.
std::uint64_t fingerprint(std::string_view bytes);

class RecordWriter {
 public:
  void u8(std::uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
  void u32(std::uint32_t value) { number(value); }
  void u64(std::uint64_t value) { number(value); }
  void raw(std::string_view bytes) { bytes_ += bytes; }
  std::size_t size() const { return bytes_.size(); }
  const std::string& bytes() const { return bytes_; }

 private:
  template <class T>
  void number(T value) {
    for (unsigned shift = 0; shift < sizeof value * 8; shift += 8) {
      bytes_.push_back(static_cast<char>(static_cast<unsigned char>(value >> shift)));
    }
  }
  std::string bytes_;
};

class RecordReader {
 public:
  RecordReader() = default;
  explicit RecordReader(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t u8() { return number<std::uint8_t>(); }
  std::uint32_t u32() { return number<std::uint32_t>(); }
  std::uint64_t u64() { return number<std::uint64_t>(); }
  std::string_view raw(std::size_t size);
  // How many of something that takes at least `each` bytes follow; 0 where there is no room for them.
  std::uint32_t count(std::size_t each);
  bool ok() const { return ok_; }

 private:
  template <class T>
  T number() {
    const auto bytes = raw(sizeof(T));
    std::uint64_t out = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) out = out << 8U | static_cast<unsigned char>(bytes[i]);
    return static_cast<T>(out);
  }
  std::string_view rest_;
  bool ok_ = true;
};

// Every string once. The views must outlive the table.
class StringsWriter {
 public:
  std::uint32_t add(std::string_view text);
  void write(RecordWriter& out) const;

 private:
  std::unordered_map<std::string_view, std::uint32_t> numbers_;
  std::vector<std::string_view> all_;
};

class Strings {
 public:
  Strings() = default;
  // Takes its part of the reader's bytes, and keeps views into them.
  static std::optional<Strings> read(RecordReader& in);
  // nullopt: there is no such string.
  std::optional<std::string_view> at(std::uint32_t number) const;

 private:
  std::uint32_t offset(std::uint32_t number) const;

  std::uint32_t count_ = 0;
  std::string_view ends_;  // count_ numbers: where each string ends
  std::string_view text_;
};

// The frame of a file that is searched: strings, then `count` places of a fixed size, then bodies.
struct Table {
  Strings strings;
  std::uint32_t count = 0;
  std::string_view places;
  std::string_view bodies;

  // payload: all that follows what `in` has read. nullopt: it is cut.
  static std::optional<Table> read(RecordReader& in, std::string_view payload, std::size_t place_size);
};

}  // namespace larder::index
