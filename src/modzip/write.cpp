// SPDX-License-Identifier: Apache-2.0
#include "modzip/write.hpp"

#include <algorithm>
#include <memory>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <libdeflate.h>

#include "base/text.hpp"
#include "modzip/little_endian.hpp"
#include "modzip/zip_layout.hpp"

namespace larder::modzip {

namespace {

constexpr int k_level = 6;  // libdeflate's own default; part of what makes the bytes what they are
constexpr std::uint16_t k_version = 20;
constexpr std::uint16_t k_version_zip64 = 45;
constexpr std::size_t k_flush_at = std::size_t{256} << 10U;

struct FreeCompressor {
  void operator()(libdeflate_compressor* c) const { libdeflate_free_compressor(c); }
};
using Compressor = std::unique_ptr<libdeflate_compressor, FreeCompressor>;

// Go marks a name as UTF-8 only if some character may differ in other code pages.
bool needs_utf8_flag(std::string_view name) {
  bool special = false;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    special = special || byte < 0x20 || byte > 0x7D || c == '\\';
  }
  return special && valid_utf8(name);
}

// What the central directory will say about a file.
struct WrittenFile {
  std::string_view name;
  std::uint32_t crc32 = 0;
  std::uint32_t compressed_size = 0;
  std::uint32_t size = 0;
  std::uint32_t offset = 0;
  std::uint16_t flags = 0;
};

class ZipWriter {
 public:
  ZipWriter(const Sink& sink, Method method) : sink_(sink), method_(method) {
    if (method == Method::deflated) compressor_.reset(libdeflate_alloc_compressor(k_level));
  }

  Result<void> add(const SourceFile& file) {
    const Bytes content = TRY(file.read(scratch_));
    if (content.size() > k_max_zip_file - total_) {
      return fail(Kind::invalid,
                  fmt::format("module source tree too large (max size is {} bytes)", k_max_zip_file));
    }
    total_ += content.size();
    const Bytes data = compressor_ ? TRY(deflate(content)) : content;
    WrittenFile record{.name = file.name,
                       .crc32 = libdeflate_crc32(0, content.data(), content.size()),
                       .compressed_size = static_cast<std::uint32_t>(data.size()),
                       .size = static_cast<std::uint32_t>(content.size()),
                       .offset = static_cast<std::uint32_t>(written_)};
    if (needs_utf8_flag(file.name)) record.flags |= k_flag_utf8;
    if (compressor_) record.flags |= k_flag_descriptor;
    std::string header;
    put_local(header, record);
    TRY(put(as_bytes(header)));
    TRY(put(data));
    records_.push_back(record);
    if (!compressor_) return {};
    std::string descriptor;
    store(descriptor, k_descriptor_signature);
    put_sizes(descriptor, record);
    return put(as_bytes(descriptor));
  }

  Result<void> finish() {
    const std::uint64_t offset = written_;
    std::string header;
    for (const WrittenFile& record : records_) {
      header.clear();
      put_central(header, record);
      TRY(put(as_bytes(header)));
    }
    header.clear();
    put_end(header, offset);
    TRY(put(as_bytes(header)));
    return flush();
  }

 private:
  Result<Bytes> deflate(Bytes content) {
    const std::size_t bound = libdeflate_deflate_compress_bound(compressor_.get(), content.size());
    const auto out = compressed_.reserve(bound);
    const std::size_t n = libdeflate_deflate_compress(compressor_.get(), content.data(), content.size(),
                                                      out.data(), out.size());
    LARDER_ASSERT(n > 0);
    return Bytes(out.first(n));
  }

  static void put_sizes(std::string& out, const WrittenFile& record) {
    store(out, record.crc32);
    store(out, record.compressed_size);
    store(out, record.size);
  }

  // The fields that local and central records share, up to the date.
  void put_common(std::string& out, const WrittenFile& record) const {
    store(out, k_version);
    store(out, record.flags);
    store(out, static_cast<std::uint16_t>(method_));
    store(out, std::uint32_t{0});  // time and date
  }

  void put_local(std::string& out, const WrittenFile& record) const {
    store(out, k_local_signature);
    put_common(out, record);
    const bool deferred = (record.flags & k_flag_descriptor) != 0;
    put_sizes(out, deferred ? WrittenFile{} : record);
    store(out, static_cast<std::uint16_t>(record.name.size()));
    store(out, std::uint16_t{0});  // extra
    out += record.name;
  }

  void put_central(std::string& out, const WrittenFile& record) const {
    store(out, k_central_signature);
    store(out, k_version);  // made by
    put_common(out, record);
    put_sizes(out, record);
    store(out, static_cast<std::uint16_t>(record.name.size()));
    store(out, std::uint64_t{0});  // extra, comment, disk, internal attributes
    store(out, std::uint32_t{0});  // external attributes
    store(out, record.offset);
    out += record.name;
  }

  void put_end(std::string& out, std::uint64_t offset) const {
    const std::uint64_t end = written_;
    const std::uint64_t count = records_.size();
    if (count >= k_max16) {
      store(out, k_end64_signature);
      store(out, std::uint64_t{k_end64_length - 12});
      store(out, k_version_zip64);
      store(out, k_version_zip64);
      store(out, std::uint64_t{0});  // disks
      store(out, count);
      store(out, count);
      store(out, end - offset);
      store(out, offset);
      store(out, k_locator64_signature);
      store(out, std::uint32_t{0});
      store(out, end);
      store(out, std::uint32_t{1});
    }
    const auto narrow = static_cast<std::uint16_t>(std::min<std::uint64_t>(count, k_max16));
    store(out, k_end_signature);
    store(out, std::uint32_t{0});  // disks
    store(out, narrow);
    store(out, narrow);
    store(out, static_cast<std::uint32_t>(end - offset));
    store(out, static_cast<std::uint32_t>(offset));
    store(out, std::uint16_t{0});  // comment
  }

  // Small pieces are gathered, so that a sink may be a system call.
  Result<void> put(Bytes data) {
    if (data.size() > k_max_zip_file - written_) {
      return fail(Kind::invalid,
                  fmt::format("module zip file is too large (limit is {} bytes)", k_max_zip_file));
    }
    written_ += data.size();
    if (data.size() >= k_flush_at) {
      TRY(flush());
      return sink_(data);
    }
    pending_ += as_text(data);
    return pending_.size() >= k_flush_at ? flush() : Result<void>();
  }

  Result<void> flush() {
    if (pending_.empty()) return {};
    TRY(sink_(as_bytes(pending_)));
    pending_.clear();
    return {};
  }

  const Sink& sink_;
  Method method_;
  Compressor compressor_;  // null: stored
  Scratch scratch_;
  Scratch compressed_;
  std::vector<WrittenFile> records_;
  std::string pending_;
  std::uint64_t written_ = 0;
  std::uint64_t total_ = 0;
};

Result<void> check_names(std::span<const SourceFile> files) {
  std::unordered_set<std::string_view> seen;
  seen.reserve(files.size());
  for (const SourceFile& file : files) {
    if (file.name.empty() || file.name.size() > k_max16) {
      return fail(Kind::invalid, fmt::format("file name of {} bytes", file.name.size()));
    }
    if (!seen.insert(file.name).second) {
      return fail(Kind::invalid, fmt::format("multiple entries for file {}", quote(file.name)));
    }
  }
  return {};
}

}  // namespace

Result<void> write_zip(const Sink& sink, std::span<const SourceFile> files, Method method) {
  TRY(check_names(files));
  ZipWriter writer(sink, method);
  for (const SourceFile& file : files) TRY(writer.add(file));
  return writer.finish();
}

}  // namespace larder::modzip
