// SPDX-License-Identifier: Apache-2.0
#include "sys/lock.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>

#include "sys/retry.hpp"

namespace larder::sys {

Result<FileLock> FileLock::acquire(const Path& path, int open_flags, int operation) {
  Fd fd(retry_eintr([&] { return ::open(path.c_str(), open_flags | O_CLOEXEC, 0666); }));
  if (!fd) return fail_errno("open " + path.native());
  if (retry_eintr([&] { return ::flock(fd.get(), operation); }) != 0) {
    const bool is_shared = (operation & LOCK_SH) != 0;
    return fail_errno((is_shared ? "RLock " : "Lock ") + path.native());
  }
  return FileLock(std::move(fd), path);
}

Result<FileLock> FileLock::exclusive(const Path& path) {
  return acquire(path, O_RDWR | O_CREAT, LOCK_EX);
}

Result<FileLock> FileLock::shared(const Path& path) {
  return acquire(path, O_RDONLY, LOCK_SH);
}

Result<std::optional<FileLock>> FileLock::try_exclusive(const Path& path) {
  auto lock = acquire(path, O_RDWR | O_CREAT, LOCK_EX | LOCK_NB);
  if (lock) return std::optional(*std::move(lock));
  if (lock.error().kind() == Kind::unavailable) return std::nullopt;  // EWOULDBLOCK
  return fail(std::move(lock).error());
}

Result<std::string> FileLock::read(std::uint64_t limit) const {
  std::string out;
  std::string chunk(64U << 10U, '\0');
  for (off_t at = 0;;) {
    const auto n = retry_eintr([&] { return ::pread(fd_.get(), chunk.data(), chunk.size(), at); });
    if (n < 0) return fail_errno("read " + path_.native());
    if (n == 0) return out;
    out.append(chunk, 0, static_cast<std::size_t>(n));
    at += n;
    if (out.size() > limit) {
      return fail(Kind::invalid, path_.native() + ": larger than " + std::to_string(limit) + " bytes");
    }
  }
}

Result<void> FileLock::replace(Bytes content) const {
  std::size_t written = 0;
  while (written < content.size()) {
    const auto n = retry_eintr([&] {
      return ::pwrite(fd_.get(), content.data() + written, content.size() - written,
                      static_cast<off_t>(written));
    });
    if (n < 0) return fail_errno("write " + path_.native());
    written += static_cast<std::size_t>(n);
  }
  if (::ftruncate(fd_.get(), static_cast<off_t>(content.size())) != 0)
    return fail_errno("truncate " + path_.native());
  return {};
}

}  // namespace larder::sys
