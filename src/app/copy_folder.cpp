// SPDX-License-Identifier: Apache-2.0
#include "app/copy_folder.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/retry.hpp"

namespace larder::app {

namespace {

constexpr std::size_t k_block = 256U << 10U;  // bytes; most files fit

Result<sys::Fd> open_folder(const sys::Path& folder) {
  sys::Fd fd(sys::retry_eintr([&] { return ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!fd) return fail_errno("open " + folder.native());
  return fd;
}

// One a thread, since a new one for each of a thousand folders is a thousand times new pages.
std::string& thread_buffer() {
  thread_local std::string buffer(k_block, '\0');
  return buffer;
}

}  // namespace

Result<FolderCopy> FolderCopy::open(const sys::Path& from, const sys::Path& to) {
  FolderCopy out(from, to);
  out.from_fd_ = TRY(open_folder(from));
  TRY(sys::make_dirs(to));
  out.to_fd_ = TRY(open_folder(to));
  return out;
}

Result<FolderCopy> FolderCopy::open(const FilesInZip& files, const sys::Path& from, const sys::Path& to) {
  FolderCopy out(from, to);
  out.zip_ = &files;
  TRY(sys::make_dirs(to));
  out.to_fd_ = TRY(open_folder(to));
  return out;
}

Result<std::string_view> FolderCopy::read_all(const std::string& name) {
  LARDER_ASSERT(zip_ != nullptr);
  return zip_->read(from_ / name);
}

Result<sys::Fd> FolderCopy::open_source(const std::string& name) const {
  sys::Fd fd(sys::retry_eintr([&] { return ::openat(from_fd_.get(), name.c_str(), O_RDONLY | O_CLOEXEC); }));
  if (!fd) return fail_errno("open " + (from_ / name).native());
  return fd;
}

Result<sys::Fd> FolderCopy::open_target(const std::string& name) const {
  constexpr int k_flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
  constexpr mode_t k_mode = 0666;
  sys::Fd fd(sys::retry_eintr([&] { return ::openat(to_fd_.get(), name.c_str(), k_flags, k_mode); }));
  if (!fd) return fail_errno("open " + (to_ / name).native());
  return fd;
}

Result<std::string_view> FolderCopy::read(const std::string& name) {
  if (zip_ != nullptr) {
    const auto text = TRY(read_all(name));
    if (text.size() > k_largest_read)
      return fail(Kind::invalid, (from_ / name).native() + ": larger than expected");
    return text;
  }
  const auto fd = TRY(open_source(name));
  auto& buffer = thread_buffer();
  std::size_t used = 0;
  for (;;) {
    const auto n =
        sys::retry_eintr([&] { return ::read(fd.get(), buffer.data() + used, buffer.size() - used); });
    if (n < 0) return fail_errno("read " + (from_ / name).native());
    if (n == 0) break;
    used += static_cast<std::size_t>(n);
    if (used > k_largest_read) return fail(Kind::invalid, (from_ / name).native() + ": larger than expected");
    if (used == buffer.size()) buffer.resize(buffer.size() * 2);
  }
  return std::string_view(buffer).substr(0, used);
}

Result<std::string_view> FolderCopy::read_start(const std::string& name, std::size_t size) {
  if (zip_ != nullptr) return read_all(name);
  const auto fd = TRY(open_source(name));
  auto& buffer = thread_buffer();
  if (buffer.size() < size) buffer.resize(size);
  const auto n = sys::retry_eintr([&] { return ::read(fd.get(), buffer.data(), size); });
  if (n < 0) return fail_errno("read " + (from_ / name).native());
  return std::string_view(buffer).substr(0, static_cast<std::size_t>(n));
}

Result<void> FolderCopy::write(const std::string& name, std::string_view content) {
  const auto fd = TRY(open_target(name));
  return sys::write_all(fd.get(), as_bytes(content), to_ / name);
}

Result<void> FolderCopy::copy(const std::string& name) {
  if (zip_ != nullptr) return write(name, TRY(read_all(name)));
  const auto in = TRY(open_source(name));
  const auto out = TRY(open_target(name));
  auto& buffer = thread_buffer();
  for (;;) {
    const auto n = sys::retry_eintr([&] { return ::read(in.get(), buffer.data(), buffer.size()); });
    if (n < 0) return fail_errno("read " + (from_ / name).native());
    if (n == 0) return {};
    const auto block = std::string_view(buffer).substr(0, static_cast<std::size_t>(n));
    TRY(sys::write_all(out.get(), as_bytes(block), to_ / name));
  }
}

}  // namespace larder::app
