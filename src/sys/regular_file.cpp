// SPDX-License-Identifier: Apache-2.0
#include "sys/regular_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/retry.hpp"

namespace larder::sys {

namespace {

std::string_view kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return S_ISCHR(mode) || S_ISBLK(mode) ? "a device" : "something else";
}

Failure not_regular(const Path& path, mode_t mode) {
  return fail(Kind::invalid, path.native() + ": " + std::string(kind_of(mode)) + ", not a regular file",
              "name a regular file");
}

Error too_large(const Path& path, std::uint64_t limit) {
  return {Kind::invalid, path.native() + ": larger than " + std::to_string(limit) + " bytes"};
}

}  // namespace

Result<Fd> open_regular(const Path& path) {
  // Looked at before too: to open a device may do something, and a socket cannot be opened at all.
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return fail_errno("open " + path.native());
  if (!S_ISREG(status.st_mode)) return not_regular(path, status.st_mode);
  Fd fd(retry_eintr([&] { return ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC); }));
  if (!fd) return fail_errno("open " + path.native());
  if (::fstat(fd.get(), &status) != 0) return fail_errno("stat " + path.native());
  if (!S_ISREG(status.st_mode)) return not_regular(path, status.st_mode);
  return fd;
}

Result<std::string> read_regular(const Path& path, std::uint64_t limit) {
  const Fd fd = TRY(open_regular(path));
  std::string out;
  constexpr std::size_t k_step = 16U << 10U;
  while (true) {
    const auto used = out.size();
    out.resize(used + k_step);
    const auto n = retry_eintr([&] { return ::read(fd.get(), out.data() + used, k_step); });
    if (n < 0) return fail_errno("read " + path.native());
    out.resize(used + static_cast<std::size_t>(n));
    if (n == 0) return out;
    if (out.size() > limit) return fail(too_large(path, limit));
  }
}

}  // namespace larder::sys
