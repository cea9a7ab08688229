// SPDX-License-Identifier: Apache-2.0
// Copies files from one folder into another, each opened once: sources are looked at in the same buffer that
// is written. Both folders are held open, so that the kernel does not walk their paths for every file.
// Thread rule: one thread an object.
#pragma once

#include <string>
#include <string_view>

#include "app/package_files.hpp"
#include "base/result.hpp"
#include "sys/files.hpp"

namespace larder::app {

class FolderCopy {
 public:
  // The folder `to` is made.
  static Result<FolderCopy> open(const sys::Path& from, const sys::Path& to);
  // From a folder of a zip; `files` must outlive it.
  static Result<FolderCopy> open(const FilesInZip& files, const sys::Path& from, const sys::Path& to);

  // The whole file, until the thread's next call of any FolderCopy. Kind::invalid above k_largest_read.
  Result<std::string_view> read(const std::string& name);
  // At most so many bytes of it (of a file in a zip all).
  Result<std::string_view> read_start(const std::string& name, std::size_t size);
  // The same of any size; only from a zip.
  Result<std::string_view> read_all(const std::string& name);
  // What read() gave.
  Result<void> write(const std::string& name, std::string_view content);
  // Of any size.
  Result<void> copy(const std::string& name);

  static constexpr std::uint64_t k_largest_read = 4U << 20U;  // bytes

 private:
  FolderCopy(sys::Path from, sys::Path to) : from_(std::move(from)), to_(std::move(to)) {}
  Result<sys::Fd> open_source(const std::string& name) const;
  Result<sys::Fd> open_target(const std::string& name) const;

  sys::Path from_;
  sys::Path to_;
  sys::Fd from_fd_;
  const FilesInZip* zip_ = nullptr;  // then there is no from_fd_
  sys::Fd to_fd_;
};

}  // namespace larder::app
