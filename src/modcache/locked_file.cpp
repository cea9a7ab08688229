// SPDX-License-Identifier: Apache-2.0
#include "modcache/locked_file.hpp"

#include <string>

#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.hpp"
#include "sys/files.hpp"
#include "sys/retry.hpp"

namespace larder::modcache {

namespace {

bool holds(int fd, std::string_view content) {
  std::string old(content.size(), '\0');
  const auto n = sys::retry_eintr([&] { return ::pread(fd, old.data(), old.size(), 0); });
  return n == static_cast<ssize_t>(content.size()) && old == content;
}

}  // namespace

Result<void> rewrite(const sys::FileLock& file, std::string_view content, const sys::Path& name_for_errors) {
  const int fd = file.fd();
  const auto size = static_cast<off_t>(content.size());
  struct stat info{};
  if (::fstat(fd, &info) != 0) return fail_errno("stat " + name_for_errors.native());
  if (info.st_size == size && holds(fd, content)) return {};
  // A new file is empty already; ext4 takes ftruncate to 0 as a sign to write the file out at once on close.
  if ((info.st_size != 0 && ::ftruncate(fd, 0) != 0) || ::ftruncate(fd, size) != 0) {
    return fail_errno("truncate " + name_for_errors.native());
  }
  return sys::write_all(fd, as_bytes(content), name_for_errors);  // nothing else moves the offset from 0
}

}  // namespace larder::modcache
