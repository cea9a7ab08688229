// SPDX-License-Identifier: Apache-2.0
// Loaded before libc (LD_PRELOAD) by tests/e2e/test_disk_faults.py: makes a chosen system call on files below
// chosen folders fail, or do less than asked. Counts such calls over all threads of one process.
//
//   LARDER_FAULT_BELOW   folders, absolute, separated by ':'
//   LARDER_FAULT_KIND    EIO, ENOSPC, EDQUOT, EROFS: that error; short: half of a transfer
//   LARDER_FAULT_AT      the call that it happens to, from 1; 0: none
//   LARDER_FAULT_STAYS   1: to all calls from that one on
//   LARDER_FAULT_LOG     a file that gets a line "NUMBER CALL PATH" for each call that was counted
//
// Counted are the calls that write, or make or name something; for EROFS also those that remove or change
// modes and times; for short only transfers. What a library does by system calls of its own is not seen:
// larder has its libraries within and calls libc through its table, and uses no io_uring.
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define LARDER_SHOWN extern "C" __attribute__((visibility("default")))

namespace {

enum class Sort { transfer, make, change };

struct Plan {
  std::string below;  // ":/one:/two:"
  int error = 0;
  bool is_short = false;
  bool stays = false;
  long at = 0;
  int log = -1;
};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

int error_of(const std::string& kind) {
  struct Row {
    const char* name;
    int error;
  };
  constexpr std::array<Row, 4> k_rows = {
      {{"EIO", EIO}, {"ENOSPC", ENOSPC}, {"EDQUOT", EDQUOT}, {"EROFS", EROFS}}};
  for (const auto& row : k_rows)
    if (kind == row.name) return row.error;
  return 0;
}

const Plan& plan() {
  static const Plan made = [] {
    Plan out;
    const auto kind = variable("LARDER_FAULT_KIND");
    out.below = variable("LARDER_FAULT_BELOW");
    out.error = error_of(kind);
    out.is_short = kind == "short";
    out.stays = variable("LARDER_FAULT_STAYS") == "1";
    out.at = std::atol(variable("LARDER_FAULT_AT").c_str());
    if (const auto log = variable("LARDER_FAULT_LOG"); !log.empty()) {
      out.log = static_cast<int>(
          ::syscall(SYS_openat, AT_FDCWD, log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    }
    return out;
  }();
  return made;
}

bool is_below(std::string_view path, std::string_view folders) {
  while (!folders.empty()) {
    const auto end = std::min(folders.find(':'), folders.size());
    const auto folder = folders.substr(0, end);
    folders.remove_prefix(std::min(end + 1, folders.size()));
    if (!folder.empty() && path.starts_with(folder) &&
        (path.size() == folder.size() || path[folder.size()] == '/'))
      return true;
  }
  return false;
}

std::string path_of(int fd) {
  std::array<char, PATH_MAX> target{};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const auto n = ::readlink(link.c_str(), target.data(), target.size());
  return n <= 0 ? "" : std::string(target.data(), static_cast<std::size_t>(n));
}

std::string path_of(int folder, const char* name) {
  if (name == nullptr) return "";
  if (name[0] == '/') return name;
  std::array<char, PATH_MAX> here{};
  if (folder != AT_FDCWD) return path_of(folder) + "/" + name;
  return ::getcwd(here.data(), here.size()) == nullptr ? "" : std::string(here.data()) + "/" + name;
}

// Counts the call; true: it is to fail, or to be short.
bool strikes(Sort sort, const char* call, const std::string& path) {
  const Plan& p = plan();
  if (p.below.empty() || !is_below(path, p.below)) return false;
  if (p.is_short ? sort != Sort::transfer : sort == Sort::change && p.error != EROFS) return false;
  static std::atomic<long> calls = 0;
  const long number = ++calls;
  if (p.log >= 0) {
    const auto line = std::to_string(number) + " " + call + " " + path + "\n";
    static_cast<void>(::syscall(SYS_write, p.log, line.data(), line.size()));
  }
  return p.at > 0 && (number == p.at || (p.stays && number > p.at));
}

template <class... Args>
long real(long number, Args... args) {
  return ::syscall(number, args...);
}

// A call that moves `size` bytes.
template <class Call>
ssize_t transfer(const char* name, int fd, std::size_t size, Call call) {
  if (!strikes(Sort::transfer, name, path_of(fd))) return call(size);
  if (plan().is_short) return call(size > 1 ? size / 2 : size);
  errno = plan().error;
  return -1;
}

template <class Call>
int attempt(Sort sort, const char* name, const std::string& path, Call call) {
  if (!strikes(sort, name, path)) return static_cast<int>(call());
  errno = plan().error;
  return -1;
}

int open_file(int folder, const char* path, int flags, mode_t mode) {
  const auto call = [&] { return real(SYS_openat, folder, path, flags, mode); };
  const bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC)) != 0;
  return writes ? attempt(Sort::make, "open", path_of(folder, path), call) : static_cast<int>(call());
}

// The argument behind the flags, where there is one.
#define LARDER_MODE(flags)                                              \
  mode_t mode = 0;                                                      \
  if (((flags) & O_CREAT) != 0 || ((flags) & O_TMPFILE) == O_TMPFILE) { \
    va_list more;                                                       \
    va_start(more, flags);                                              \
    mode = static_cast<mode_t>(va_arg(more, unsigned));                 \
    va_end(more);                                                       \
  }

}  // namespace

LARDER_SHOWN int open(const char* path, int flags, ...) {
  LARDER_MODE(flags)
  return open_file(AT_FDCWD, path, flags, mode);
}
LARDER_SHOWN int open64(const char* path, int flags, ...) {
  LARDER_MODE(flags)
  return open_file(AT_FDCWD, path, flags, mode);
}
LARDER_SHOWN int openat(int folder, const char* path, int flags, ...) {
  LARDER_MODE(flags)
  return open_file(folder, path, flags, mode);
}
LARDER_SHOWN int openat64(int folder, const char* path, int flags, ...) {
  LARDER_MODE(flags)
  return open_file(folder, path, flags, mode);
}
LARDER_SHOWN int mkostemp(char* name, int flags) {
  const std::size_t end = std::strlen(name) - 6;
  for (unsigned i = 0; i < 100'000; ++i) {
    std::array<char, 7> digits{};
    std::snprintf(digits.data(), digits.size(), "%06u",
                  (static_cast<unsigned>(::getpid()) * 7 + i) % 1'000'000);
    std::memcpy(name + end, digits.data(), 6);
    const int fd = open_file(AT_FDCWD, name, O_RDWR | O_CREAT | O_EXCL | flags, 0600);
    if (fd >= 0 || errno != EEXIST) return fd;
  }
  return -1;
}

LARDER_SHOWN ssize_t write(int fd, const void* data, std::size_t size) {
  return transfer("write", fd, size, [&](std::size_t n) { return real(SYS_write, fd, data, n); });
}
LARDER_SHOWN ssize_t pwrite(int fd, const void* data, std::size_t size, off_t at) {
  return transfer("pwrite", fd, size, [&](std::size_t n) { return real(SYS_pwrite64, fd, data, n, at); });
}
LARDER_SHOWN ssize_t pwrite64(int fd, const void* data, std::size_t size, off_t at) {
  return transfer("pwrite", fd, size, [&](std::size_t n) { return real(SYS_pwrite64, fd, data, n, at); });
}
// Short: the first buffer alone.
LARDER_SHOWN ssize_t writev(int fd, const iovec* parts, int count) {
  return transfer("writev", fd, static_cast<std::size_t>(count),
                  [&](std::size_t n) { return real(SYS_writev, fd, parts, n); });
}
LARDER_SHOWN ssize_t sendfile(int to, int from, off_t* at, std::size_t size) {
  return transfer("sendfile", to, size, [&](std::size_t n) { return real(SYS_sendfile, to, from, at, n); });
}
LARDER_SHOWN ssize_t sendfile64(int to, int from, off_t* at, std::size_t size) {
  return sendfile(to, from, at, size);
}
LARDER_SHOWN ssize_t copy_file_range(int from, off_t* from_at, int to, off_t* to_at, std::size_t size,
                                     unsigned flags) {
  return transfer("copy_file_range", to, size, [&](std::size_t n) {
    return real(SYS_copy_file_range, from, from_at, to, to_at, n, flags);
  });
}

LARDER_SHOWN int fsync(int fd) {
  return attempt(Sort::make, "fsync", path_of(fd), [&] { return real(SYS_fsync, fd); });
}
LARDER_SHOWN int syncfs(int fd) {
  return attempt(Sort::make, "syncfs", path_of(fd), [&] { return real(SYS_syncfs, fd); });
}
LARDER_SHOWN int fdatasync(int fd) {
  return attempt(Sort::make, "fdatasync", path_of(fd), [&] { return real(SYS_fdatasync, fd); });
}
LARDER_SHOWN int ftruncate(int fd, off_t size) {
  return attempt(Sort::make, "ftruncate", path_of(fd), [&] { return real(SYS_ftruncate, fd, size); });
}
LARDER_SHOWN int ftruncate64(int fd, off_t size) {
  return ftruncate(fd, size);
}
LARDER_SHOWN int rename(const char* from, const char* to) {
  return attempt(Sort::make, "rename", path_of(AT_FDCWD, to), [&] { return real(SYS_rename, from, to); });
}
LARDER_SHOWN int renameat(int from_in, const char* from, int to_in, const char* to) {
  return attempt(Sort::make, "rename", path_of(to_in, to),
                 [&] { return real(SYS_renameat, from_in, from, to_in, to); });
}
LARDER_SHOWN int renameat2(int from_in, const char* from, int to_in, const char* to, unsigned flags) {
  return attempt(Sort::make, "rename", path_of(to_in, to),
                 [&] { return real(SYS_renameat2, from_in, from, to_in, to, flags); });
}
LARDER_SHOWN int link(const char* from, const char* to) {
  return attempt(Sort::make, "link", path_of(AT_FDCWD, to), [&] { return real(SYS_link, from, to); });
}
LARDER_SHOWN int linkat(int from_in, const char* from, int to_in, const char* to, int flags) {
  return attempt(Sort::make, "link", path_of(to_in, to),
                 [&] { return real(SYS_linkat, from_in, from, to_in, to, flags); });
}
LARDER_SHOWN int symlink(const char* target, const char* name) {
  return attempt(Sort::make, "symlink", path_of(AT_FDCWD, name),
                 [&] { return real(SYS_symlink, target, name); });
}
LARDER_SHOWN int mkdir(const char* path, mode_t mode) {
  return attempt(Sort::make, "mkdir", path_of(AT_FDCWD, path), [&] { return real(SYS_mkdir, path, mode); });
}
LARDER_SHOWN int mkdirat(int folder, const char* path, mode_t mode) {
  return attempt(Sort::make, "mkdir", path_of(folder, path),
                 [&] { return real(SYS_mkdirat, folder, path, mode); });
}

LARDER_SHOWN int unlink(const char* path) {
  return attempt(Sort::change, "unlink", path_of(AT_FDCWD, path), [&] { return real(SYS_unlink, path); });
}
LARDER_SHOWN int unlinkat(int folder, const char* path, int flags) {
  return attempt(Sort::change, "unlink", path_of(folder, path),
                 [&] { return real(SYS_unlinkat, folder, path, flags); });
}
LARDER_SHOWN int rmdir(const char* path) {
  return attempt(Sort::change, "rmdir", path_of(AT_FDCWD, path), [&] { return real(SYS_rmdir, path); });
}
LARDER_SHOWN int chmod(const char* path, mode_t mode) {
  return attempt(Sort::change, "chmod", path_of(AT_FDCWD, path), [&] { return real(SYS_chmod, path, mode); });
}
LARDER_SHOWN int fchmod(int fd, mode_t mode) {
  return attempt(Sort::change, "chmod", path_of(fd), [&] { return real(SYS_fchmod, fd, mode); });
}
LARDER_SHOWN int fchmodat(int folder, const char* path, mode_t mode, int) {
  return attempt(Sort::change, "chmod", path_of(folder, path),
                 [&] { return real(SYS_fchmodat, folder, path, mode); });
}
LARDER_SHOWN int futimens(int fd, const timespec* times) {
  return attempt(Sort::change, "utimens", path_of(fd),
                 [&] { return real(SYS_utimensat, fd, nullptr, times, 0); });
}
