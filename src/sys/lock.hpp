// SPDX-License-Identifier: Apache-2.0
// flock(2) on whole files, the same lock the go command takes (go-modules.md 2.1). Never fcntl locks: they do
// not exclude flock. The lock belongs to the open file and ends with this object or the process. Thread rule:
// one object, one thread; two objects on one file exclude each other also inside a process.
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "sys/fd.hpp"
#include "sys/files.hpp"

namespace larder::sys {

class FileLock {
 public:
  // Opens (creating with mode 0666 if needed) and waits for the exclusive lock.
  static Result<FileLock> exclusive(const Path& path);
  // The file must exist.
  static Result<FileLock> shared(const Path& path);
  // nullopt when somebody else holds it.
  static Result<std::optional<FileLock>> try_exclusive(const Path& path);

  int fd() const { return fd_.get(); }
  // Reads and replaces the content through the locked descriptor, in place.
  Result<std::string> read(std::uint64_t limit = k_text_file_limit) const;
  Result<void> replace(Bytes content) const;

 private:
  FileLock(Fd fd, Path path) : fd_(std::move(fd)), path_(std::move(path)) {}
  static Result<FileLock> acquire(const Path& path, int open_flags, int operation);
  Fd fd_;
  Path path_;
};

}  // namespace larder::sys
