// SPDX-License-Identifier: Apache-2.0
#include "sys/secret_file.hpp"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace larder::sys {

Result<void> write_secret_file(const Path& path, std::string_view text) {
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd && errno == EEXIST)
    return fail(Kind::invalid, path.native() + " exists; a secret key is never replaced");
  if (!fd) return fail_errno("create " + path.native());
  auto written = write_all(fd.get(), as_bytes(text), path);
  if (written && ::fsync(fd.get()) != 0) written = fail_errno("fsync " + path.native());
  if (!written) ::unlink(path.c_str());
  return written;
}

}  // namespace larder::sys
