// SPDX-License-Identifier: Apache-2.0
// The container: members that are accepted lie within the file, in order, and their names are valid.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <sys/mman.h>
#include <unistd.h>

#include "bundle/tar.hpp"

using namespace larder::bundle;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int fd = ::memfd_create("bundle", MFD_CLOEXEC);
  if (fd < 0 || ::write(fd, data, size) != static_cast<ssize_t>(size)) std::abort();
  std::uint64_t end = 0;
  if (const auto members = scan_tar(fd, size, 100)) {
    for (const auto& member : *members) {
      if (!valid_member_name(member.name) || member.offset < end + k_tar_block) std::abort();
      end = member.offset + member.size;
      if (end > size || !read_at(fd, member.offset, member.size)) std::abort();
    }
  }
  ::close(fd);
  return 0;
}
