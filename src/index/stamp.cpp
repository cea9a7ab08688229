// SPDX-License-Identifier: Apache-2.0
#include "index/stamp.hpp"

#include <chrono>

#include <sys/stat.h>

namespace larder::index {

namespace {

constexpr std::uint64_t k_second = 1'000'000'000;         // ns
constexpr std::int64_t k_coarsest_clock = 2'000'000'000;  // ns

// Times far outside the epoch wrap around, which still tells them apart.
std::int64_t nanoseconds(const timespec& time) {
  const auto seconds = static_cast<std::uint64_t>(time.tv_sec) * k_second;
  return static_cast<std::int64_t>(seconds + static_cast<std::uint64_t>(time.tv_nsec));
}

std::optional<Stamp> stamp_of(const struct stat& info) {
  if (!S_ISREG(info.st_mode)) return std::nullopt;
  return Stamp{.size = static_cast<std::uint64_t>(info.st_size),
               .mtime_ns = nanoseconds(info.st_mtim),
               .ctime_ns = nanoseconds(info.st_ctim),
               .inode = info.st_ino};
}

}  // namespace

std::optional<Stamp> stamp_of(const sys::Path& file) {
  struct stat info{};
  return ::stat(file.c_str(), &info) == 0 ? stamp_of(info) : std::nullopt;
}

std::optional<Stamp> stamp_of(const sys::Folder& folder, const std::string& file) {
  struct stat info{};
  return folder.stat(file, info) ? stamp_of(info) : std::nullopt;
}

std::optional<Stamp> stamp_of(int fd) {
  struct stat info{};
  return ::fstat(fd, &info) == 0 ? stamp_of(info) : std::nullopt;
}

std::int64_t clock_ns() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

bool is_settled(const Stamp& stamp, std::int64_t then_ns) {
  return stamp.ctime_ns < then_ns - k_coarsest_clock;
}

void write_stamp(RecordWriter& out, const Stamp& stamp) {
  out.u64(stamp.size);
  out.u64(static_cast<std::uint64_t>(stamp.mtime_ns));
  out.u64(static_cast<std::uint64_t>(stamp.ctime_ns));
  out.u64(stamp.inode);
}

Stamp read_stamp(RecordReader& in) {
  Stamp out;
  out.size = in.u64();
  out.mtime_ns = static_cast<std::int64_t>(in.u64());
  out.ctime_ns = static_cast<std::int64_t>(in.u64());
  out.inode = in.u64();
  return out;
}

}  // namespace larder::index
