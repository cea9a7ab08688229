// SPDX-License-Identifier: Apache-2.0
#include "index/zip_memo.hpp"

#include <algorithm>

namespace larder::index {

namespace {

constexpr std::size_t k_stamp = 4 * sizeof(std::uint64_t);
constexpr std::size_t k_entry = 2 * sizeof(std::uint32_t) + k_stamp + sizeof(Digest::bytes);

void write_digest(RecordWriter& out, const Digest& digest) {
  out.raw({reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()});
}

Digest read_digest(RecordReader& in) {
  Digest out;
  const auto bytes = in.raw(out.bytes.size());
  std::ranges::transform(bytes, out.bytes.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return out;
}

}  // namespace

HashedZips parse_hashed_zips(std::string_view file) {
  const auto payload = open_sealed(FileKind::zips, file);
  if (!payload) return {};
  RecordReader in(*payload);
  const auto strings = Strings::read(in);
  if (!strings) return {};
  HashedZips out;
  const auto count = in.count(k_entry);
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto path = strings->at(in.u32());
    const auto version = strings->at(in.u32());
    HashedZip zip;
    zip.stamp = read_stamp(in);
    zip.h1.digest = read_digest(in);
    if (!path || !version || !in.ok()) return {};
    out.try_emplace({std::string(*path), std::string(*version)}, zip);
  }
  return out;
}

std::string encode_hashed_zips(const HashedZips& zips) {
  StringsWriter strings;
  RecordWriter entries;
  entries.u32(static_cast<std::uint32_t>(zips.size()));
  for (const auto& [module, zip] : zips) {
    entries.u32(strings.add(module.path));
    entries.u32(strings.add(module.version));
    write_stamp(entries, zip.stamp);
    write_digest(entries, zip.h1.digest);
  }
  RecordWriter out;
  strings.write(out);
  out.raw(entries.bytes());
  return seal(FileKind::zips, out.bytes());
}

}  // namespace larder::index
