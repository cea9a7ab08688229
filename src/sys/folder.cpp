// SPDX-License-Identifier: Apache-2.0
#include "sys/folder.hpp"

#include <cerrno>

#include <fcntl.h>

#include "sys/retry.hpp"

namespace larder::sys {

Folder::Folder(const Path& path)
    : prefix_(path.native() + "/"),
      folder_(retry_eintr([&] { return ::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC); })) {}

Folder::Place Folder::place(const std::string& file) const {
  const bool is_below = folder_ && file.size() > prefix_.size() && file.starts_with(prefix_);
  if (!is_below || file[prefix_.size()] == '/') return {AT_FDCWD, file.c_str()};
  return {folder_.get(), file.c_str() + prefix_.size()};
}

bool Folder::stat(const std::string& file, struct stat& into) const {
  const auto at = place(file);
  return ::fstatat(at.from, at.name, &into, 0) == 0;
}

Result<std::optional<FileInfo>> Folder::stat(const std::string& file) const {
  struct stat st{};
  if (stat(file, st)) return FileInfo::of(st);
  if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
  return fail_errno("stat " + file);
}

bool Folder::is_file(const std::string& file) const {
  const auto info = stat(file);
  return info && *info && !(*info)->is_dir;
}

Result<std::string> Folder::read_file(const std::string& file, std::uint64_t limit) const {
  const auto at = place(file);
  const Fd fd(retry_eintr([&] { return ::openat(at.from, at.name, O_RDONLY | O_CLOEXEC); }));
  if (!fd) return fail_errno("open " + file);
  return read_whole(fd.get(), file, limit);
}

}  // namespace larder::sys
