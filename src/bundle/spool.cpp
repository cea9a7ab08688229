// SPDX-License-Identifier: Apache-2.0
#include "bundle/spool.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <stdlib.h>

#include "sys/files.hpp"

namespace larder::bundle {

Result<Spool> Spool::create(const std::filesystem::path& folder, std::uint64_t volume_size) {
  sys::Fd fd(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!fd && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {  // not every file system can
    std::string name = (folder / ".larder-pack-XXXXXX").string();
    fd = sys::Fd(::mkostemp(name.data(), O_CLOEXEC));
    if (fd) ::unlink(name.c_str());
  }
  if (!fd) return fail_errno("create temporary file in " + folder.string());
  return Spool(std::move(fd), volume_size);
}

void Spool::close_volume() {
  if (!volumes_.empty()) volumes_.back().sha256 = hash_.finish();
}

Result<std::uint32_t> Spool::append(Bytes block) {
  const bool fits = !volumes_.empty() && volumes_.back().size + block.size() <= volume_size_;
  if (!fits) {
    close_volume();
    const std::uint64_t end = volumes_.empty() ? 0 : volumes_.back().offset + volumes_.back().size;
    volumes_.push_back({.offset = end, .size = 0, .sha256 = {}});
  }
  hash_.update(block);
  TRY(sys::write_all(fd_.get(), block, "temporary file"));
  volumes_.back().size += block.size();
  return static_cast<std::uint32_t>(volumes_.size() - 1);
}

Result<std::vector<SpooledVolume>> Spool::finish() {
  close_volume();
  return std::move(volumes_);
}

}  // namespace larder::bundle
