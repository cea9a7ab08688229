// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <random>
#include <utility>

#include <fcntl.h>

#include "sys/files.hpp"
#include "sys/retry.hpp"

namespace larder::sys {

namespace {

// Digits after the target's name, as the go command chooses them: leftovers look alike and are swept alike.
Path temp_name(const Path& target) {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  const auto digits = std::uniform_int_distribution<unsigned>(0, 999'999'999)(generator);
  return target.native() + std::to_string(digits) + ".tmp";
}

constexpr int k_attempts = 10'000;

}  // namespace

AtomicFile::AtomicFile(Fd fd, Path temp, Path target, WriteOptions options)
    : fd_(std::move(fd)), temp_(std::move(temp)), target_(std::move(target)), options_(options) {}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : fd_(std::move(other.fd_)),
      temp_(std::exchange(other.temp_, Path())),
      target_(std::move(other.target_)),
      options_(other.options_) {}

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(temp_, other.temp_);
  std::swap(target_, other.target_);
  std::swap(options_, other.options_);
  return *this;
}

AtomicFile::~AtomicFile() {
  if (!temp_.empty()) ::unlink(temp_.c_str());
}

Result<AtomicFile> AtomicFile::create(const Path& target, const WriteOptions& options) {
  for (int attempt = 0;; ++attempt) {
    Path temp = temp_name(target);
    Fd fd(retry_eintr(
        [&] { return ::open(temp.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, options.mode); }));
    if (fd) return AtomicFile(std::move(fd), std::move(temp), target, options);
    if (errno != EEXIST || attempt == k_attempts) return fail_errno("open " + temp.native());
  }
}

Result<void> AtomicFile::write(Bytes data) {
  return write_all(fd_.get(), data, temp_);
}

Result<void> AtomicFile::rewind() {
  if (::lseek(fd_.get(), 0, SEEK_SET) < 0 || ::ftruncate(fd_.get(), 0) != 0) {
    return fail_errno("truncate " + temp_.native());
  }
  return {};
}

Result<void> AtomicFile::flush() {
  if (options_.durability == Durability::none) return {};
  if (::fdatasync(fd_.get()) != 0) return fail_errno("fsync " + temp_.native());
  return {};
}

Result<void> AtomicFile::commit() {
  return commit_as(target_);
}

Result<void> AtomicFile::commit_as(const Path& target) {
  TRY(flush());
  TRY(sys::rename(temp_, target));
  temp_.clear();
  if (options_.durability == Durability::fsync) TRY(fsync_dir(target.parent_path()));
  return {};
}

Result<void> write_file_atomic(const Path& path, Bytes data, const WriteOptions& options) {
  AtomicFile file = TRY(AtomicFile::create(path, options));
  TRY(file.write(data));
  return file.commit();
}

}  // namespace larder::sys
