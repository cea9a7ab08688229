// SPDX-License-Identifier: Apache-2.0
#include "bundle/tar.hpp"

#include <algorithm>
#include <cerrno>
#include <set>

#include <fmt/format.h>
#include <unistd.h>

#include "base/text.hpp"

namespace larder::bundle {
namespace {

// POSIX.1-1988 ustar: offset and length of the fields that matter here.
struct Field {
  std::size_t at;
  std::size_t length;
};
constexpr Field k_name{0, 100};
constexpr Field k_mode{100, 8};
constexpr Field k_uid{108, 8};
constexpr Field k_gid{116, 8};
constexpr Field k_size{124, 12};
constexpr Field k_mtime{136, 12};
constexpr Field k_checksum{148, 8};
constexpr Field k_type{156, 1};
constexpr Field k_link{157, 100};
constexpr Field k_magic{257, 8};
constexpr Field k_prefix{345, 155};

constexpr std::string_view k_posix_magic{"ustar\00000", 8};
constexpr std::string_view k_gnu_magic{"ustar  \0", 8};
constexpr std::size_t k_name_limit = 99;
constexpr std::uint64_t k_read_chunk = 1U << 20U;

void put(TarHeader& header, Field field, std::string_view text) {
  std::ranges::copy(as_bytes(text), header.begin() + static_cast<std::ptrdiff_t>(field.at));
}
void put_octal(TarHeader& header, Field field, std::uint64_t value) {
  put(header, field, fmt::format("{:0{}o}", value, field.length - 1));
}

std::string_view get(const TarHeader& header, Field field) {
  return as_text(Bytes(header)).substr(field.at, field.length);
}

// Sum of all bytes, those of the checksum itself counted as blanks.
std::uint64_t checksum(const TarHeader& header) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < header.size(); ++i) {
    const bool own = i >= k_checksum.at && i < k_checksum.at + k_checksum.length;
    sum += own ? ' ' : static_cast<std::uint64_t>(header.at(i));
  }
  return sum;
}

// Octal digits, then only blanks and NULs; at least one digit.
std::optional<std::uint64_t> parse_octal(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("01234567"), text.size());
  if (digits == 0 || text.substr(digits).find_first_not_of(std::string_view(" \0", 2)) != text.npos) {
    return std::nullopt;
  }
  std::uint64_t value = 0;  // at most 12 digits: 36 bits
  for (const char c : text.substr(0, digits)) value = value << 3U | static_cast<std::uint64_t>(c - '0');
  return value;
}

bool all_zero(Bytes bytes) {
  return std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0}; });
}

Failure damaged(std::uint64_t offset, std::string_view what) {
  return fail(Kind::unverified, fmt::format("byte {}: not a bundle, or a damaged one: {}", offset, what));
}

std::string_view until_nul(std::string_view text) {
  return text.substr(0, text.find('\0'));
}

Result<TarMember> parse_header(const TarHeader& header, std::uint64_t at) {
  const std::string_view magic = get(header, k_magic);
  if (magic != k_posix_magic && magic != k_gnu_magic) return damaged(at, "no ustar header");
  if (parse_octal(get(header, k_checksum)) != checksum(header)) {
    return damaged(at, "header does not match its checksum");
  }
  const char type = get(header, k_type).front();
  if (type != '0' && type != '\0') return damaged(at, "not a regular file");
  const bool plain = all_zero(as_bytes(get(header, k_link))) &&
                     (magic == k_gnu_magic || get(header, k_prefix).front() == '\0');
  if (!plain) return damaged(at, "link or prefix in header");
  const std::string_view name = until_nul(get(header, k_name));
  if (!valid_member_name(name)) return damaged(at, fmt::format("bad member name {}", quote(name)));
  if (!all_zero(as_bytes(get(header, k_name).substr(name.size())))) return damaged(at, "bytes after name");
  const auto size = parse_octal(get(header, k_size));
  if (!size || *size > k_max_tar_size) return damaged(at, "bad size");
  return TarMember{.name = std::string(name), .offset = at + k_tar_block, .size = *size};
}

// Zeros from `at` to the end of the file, two blocks at least.
Result<void> check_end(int fd, std::uint64_t at, std::uint64_t file_size) {
  if (file_size - at < 2 * k_tar_block) return damaged(at, "no end mark");
  std::vector<std::byte> chunk;
  for (std::uint64_t here = at; here < file_size; here += chunk.size()) {
    chunk.resize(static_cast<std::size_t>(std::min(k_read_chunk, file_size - here)));
    TRY(read_at(fd, here, chunk));
    if (!all_zero(chunk)) return damaged(here, "bytes after the end mark");
  }
  return {};
}

Result<void> check_padding(int fd, const TarMember& member) {
  std::array<std::byte, k_tar_block> padding{};
  const std::span<std::byte> used = std::span(padding).first(tar_padding(member.size));
  TRY(read_at(fd, member.offset + member.size, used));
  if (!all_zero(used)) return damaged(member.offset + member.size, "padding is not zero");
  return {};
}

}  // namespace

bool valid_member_name(std::string_view name) {
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  return !name.empty() && name.size() <= k_name_limit && name.front() != '.' && name.front() != '-' &&
         name.find_first_not_of(allowed) == name.npos;
}

TarHeader make_tar_header(std::string_view name, std::uint64_t size, std::int64_t mtime) {
  LARDER_ASSERT(valid_member_name(name) && size <= k_max_tar_size);
  constexpr std::int64_t time_limit = (std::int64_t{1} << 33) - 1;
  TarHeader header{};
  put(header, k_name, name);
  put_octal(header, k_mode, 0644);
  put_octal(header, k_uid, 0);
  put_octal(header, k_gid, 0);
  put_octal(header, k_size, size);
  put_octal(header, k_mtime, static_cast<std::uint64_t>(std::clamp(mtime, std::int64_t{0}, time_limit)));
  put(header, k_type, "0");
  put(header, k_magic, k_posix_magic);
  put(header, k_checksum, fmt::format("{:06o}{} ", checksum(header), '\0'));
  return header;
}

Result<std::vector<TarMember>> scan_tar(int fd, std::uint64_t file_size, std::uint64_t max_members) {
  std::vector<TarMember> members;
  std::set<std::string, std::less<>> names;
  std::uint64_t at = 0;
  while (true) {
    if (file_size - at < k_tar_block) return damaged(at, "the file ends too early");
    TarHeader header{};
    TRY(read_at(fd, at, header));
    if (all_zero(header)) break;
    TarMember member = TRY(parse_header(header, at));
    const std::uint64_t padded = member.size + tar_padding(member.size);
    if (padded > file_size - member.offset) {
      return damaged(at, fmt::format("{} is cut short", member.name));
    }
    TRY(check_padding(fd, member));
    if (!names.insert(member.name).second) return damaged(at, fmt::format("two members {}", member.name));
    if (members.size() == max_members) return damaged(at, "too many members");
    at = member.offset + padded;
    members.push_back(std::move(member));
  }
  TRY(check_end(fd, at, file_size));
  return members;
}

Result<void> read_at(int fd, std::uint64_t offset, std::span<std::byte> into) {
  while (!into.empty()) {
    const ssize_t n = ::pread(fd, into.data(), into.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno("read bundle");
    if (n == 0) return damaged(offset, "the file ends too early");
    into = into.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return {};
}

Result<std::string> read_at(int fd, std::uint64_t offset, std::uint64_t size) {
  std::string text(static_cast<std::size_t>(size), '\0');
  TRY(read_at(fd, offset, std::as_writable_bytes(std::span(text))));
  return text;
}

}  // namespace larder::bundle
