// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include <sys/mman.h>
#include <sys/stat.h>

#include "sys/files.hpp"

namespace larder::sys {

Result<Mapping> Mapping::open(const Path& path) {
  const Fd fd = TRY(open_read(path));
  return of(fd.get(), path);
}

Result<Mapping> Mapping::of(int fd, const Path& name_for_errors) {
  struct stat st{};
  if (::fstat(fd, &st) != 0) return fail_errno("stat " + name_for_errors.native());
  if (!S_ISREG(st.st_mode)) return fail(Kind::invalid, name_for_errors.native() + ": not a regular file");
  if (st.st_size == 0) return Mapping(Bytes());
  const auto size = static_cast<std::size_t>(st.st_size);
  void* const data = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
  if (data == MAP_FAILED) return fail_errno("mmap " + name_for_errors.native());
  return Mapping(Bytes(static_cast<const std::byte*>(data), size));
}

Mapping::~Mapping() {
  if (!data_.empty()) ::munmap(const_cast<std::byte*>(data_.data()), data_.size());
}

// A hint: where it is refused, nothing is lost but memory.
void Mapping::let_go() const {
  if (data_.empty()) return;
  static_cast<void>(::madvise(const_cast<std::byte*>(data_.data()), data_.size(), MADV_DONTNEED));
}

Mapping::Mapping(Mapping&& other) noexcept : data_(std::exchange(other.data_, Bytes())) {}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  std::swap(data_, other.data_);
  return *this;
}

}  // namespace larder::sys
