// SPDX-License-Identifier: Apache-2.0
#include "modzip/zip_builder.hpp"

#include <libdeflate.h>

#include "modzip/little_endian.hpp"
#include "modzip/zip_layout.hpp"

namespace larder::modzip::test {

namespace {

std::string data_of(const RawEntry& entry) {
  if (entry.data) return *entry.data;
  return entry.method == 8 ? deflate(entry.content) : entry.content;
}

struct Fields {
  std::uint32_t crc32;
  std::uint64_t compressed_size;
  std::uint64_t size;
};

Fields fields_of(const RawEntry& entry) {
  const auto crc = libdeflate_crc32(0, entry.content.data(), entry.content.size());
  return {entry.crc32.value_or(crc), entry.compressed_size.value_or(data_of(entry).size()),
          entry.size.value_or(entry.content.size())};
}

std::uint32_t narrow(bool zip64, std::uint64_t value) {
  return zip64 ? k_max32 : static_cast<std::uint32_t>(value);
}

void put_local(std::string& out, const RawEntry& entry, std::uint16_t flags) {
  const Fields f = fields_of(entry);
  const std::string name = entry.local_name.value_or(entry.name);
  const bool deferred = entry.descriptor.has_value();
  store(out, k_local_signature);
  store(out, std::uint16_t{20});
  store(out, flags);
  store(out, entry.local_method.value_or(entry.method));
  store(out, std::uint32_t{0});
  store(out, deferred ? 0U : f.crc32);
  store(out, deferred ? 0U : narrow(entry.zip64, f.compressed_size));
  store(out, entry.local_size.value_or(deferred ? 0U : narrow(entry.zip64, f.size)));
  store(out, static_cast<std::uint16_t>(name.size()));
  store(out, static_cast<std::uint16_t>(entry.local_extra.size()));
  out += name + entry.local_extra + data_of(entry) + entry.descriptor.value_or("");
}

void put_central(std::string& out, const RawEntry& entry, std::uint16_t flags, std::uint64_t offset) {
  const Fields f = fields_of(entry);
  std::string extra = entry.central_extra;
  if (entry.zip64) {
    store(extra, k_extra_zip64);
    store(extra, std::uint16_t{24});
    store(extra, f.size);
    store(extra, f.compressed_size);
    store(extra, offset);
  }
  store(out, k_central_signature);
  store(out, std::uint16_t{0x031E});  // Unix
  store(out, std::uint16_t{20});
  store(out, flags);
  store(out, entry.method);
  store(out, std::uint32_t{0});
  store(out, f.crc32);
  store(out, narrow(entry.zip64, f.compressed_size));
  store(out, narrow(entry.zip64, f.size));
  store(out, static_cast<std::uint16_t>(entry.name.size()));
  store(out, static_cast<std::uint16_t>(extra.size()));
  store(out, std::uint16_t{0});
  store(out, entry.disk);
  store(out, std::uint16_t{0});
  store(out, entry.external_attributes);
  store(out, narrow(entry.zip64, offset));
  out += entry.name + extra;
}

void put_end64(std::string& out, std::uint64_t count, std::uint64_t offset, std::uint64_t size) {
  const std::uint64_t at = offset + size;
  store(out, k_end64_signature);
  store(out, std::uint64_t{44});
  store(out, std::uint32_t{0x002D002D});
  store(out, std::uint64_t{0});
  store(out, count);
  store(out, count);
  store(out, size);
  store(out, offset);
  store(out, k_locator64_signature);
  store(out, std::uint32_t{0});
  store(out, at);
  store(out, std::uint32_t{1});
}

}  // namespace

std::string deflate(std::string_view content) {
  auto* const compressor = libdeflate_alloc_compressor(6);
  std::string out(libdeflate_deflate_compress_bound(compressor, content.size()), '\0');
  out.resize(libdeflate_deflate_compress(compressor, content.data(), content.size(), out.data(), out.size()));
  libdeflate_free_compressor(compressor);
  return out;
}

std::string descriptor_of(const RawEntry& entry, bool with_signature, bool wide) {
  const Fields f = fields_of(entry);
  std::string out;
  if (with_signature) store(out, k_descriptor_signature);
  store(out, f.crc32);
  for (const std::uint64_t value : {f.compressed_size, f.size}) {
    wide ? store(out, value) : store(out, static_cast<std::uint32_t>(value));
  }
  return out;
}

std::string build_zip(const std::vector<RawEntry>& entries, const EndRecord& end) {
  std::string body;
  std::string central;
  for (const RawEntry& entry : entries) {
    const auto flags = static_cast<std::uint16_t>(entry.flags | (entry.descriptor ? k_flag_descriptor : 0));
    const std::uint64_t offset = entry.offset.value_or(body.size());
    put_local(body, entry, flags);
    put_central(central, entry, flags, offset);
  }
  std::string out = end.before + body + central;
  if (end.raw_zip64 == "auto") {
    put_end64(out, entries.size(), body.size(), central.size());
  } else {
    out += end.raw_zip64;
  }
  const auto count = end.entries.value_or(static_cast<std::uint16_t>(entries.size()));
  store(out, k_end_signature);
  store(out, end.disk);
  store(out, end.disk);
  store(out, count);
  store(out, count);
  store(out, end.size.value_or(static_cast<std::uint32_t>(central.size())));
  store(out, end.offset.value_or(static_cast<std::uint32_t>(body.size())));
  store(out, end.comment_length.value_or(static_cast<std::uint16_t>(end.comment.size())));
  return out + end.comment + end.after;
}

std::string dump(std::string_view zip) {
  const auto archive = Archive::open(as_bytes(zip));
  if (!archive) return "error: " + archive.error().message();
  std::string out;
  Scratch scratch;
  for (const Entry& entry : archive->entries()) {
    const auto content = archive->read(entry, scratch);
    if (!content) return "error: " + content.error().message();
    out += std::string(entry.name) + "=" + std::string(as_text(*content)) + "\n";
  }
  return out;
}

}  // namespace larder::modzip::test
