// SPDX-License-Identifier: Apache-2.0
// The volumes of a bundle while it is made: one nameless file, since their hashes belong into the manifest,
// which stands before them. Removed with the process, whatever happens. One thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "sys/fd.hpp"

namespace larder::bundle {

struct SpooledVolume {
  std::uint64_t offset = 0;  // in the spool
  std::uint64_t size = 0;
  Digest sha256;
};

class Spool {
 public:
  // In `folder`, which should be on the file system of the output: it has the room.
  static Result<Spool> create(const std::filesystem::path& folder, std::uint64_t volume_size);

  // Appends one block, in a new volume where it does not fit into the last; the volume's number.
  Result<std::uint32_t> append(Bytes block);
  Result<std::vector<SpooledVolume>> finish();
  int fd() const { return fd_.get(); }

 private:
  Spool(sys::Fd fd, std::uint64_t volume_size) : fd_(std::move(fd)), volume_size_(volume_size) {}
  void close_volume();

  sys::Fd fd_;
  std::uint64_t volume_size_;
  std::vector<SpooledVolume> volumes_;
  Sha256 hash_;
};

}  // namespace larder::bundle
