// SPDX-License-Identifier: Apache-2.0
#include "sys/files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "sys/retry.hpp"

namespace larder::sys {

namespace {

std::string in_words(std::string_view operation, const Path& path) {
  return std::string(operation) + " " + path.native();
}

using DirHandle = std::unique_ptr<DIR, int (*)(DIR*)>;

DirEntry to_entry(int dir_fd, const dirent& raw) {
  DirEntry entry{.name = raw.d_name};
  auto type = raw.d_type;
  if (type == DT_UNKNOWN) {
    struct stat st{};
    if (::fstatat(dir_fd, raw.d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
      type = static_cast<unsigned char>(IFTODT(st.st_mode));
  }
  entry.is_dir = type == DT_DIR;
  entry.is_regular = type == DT_REG;
  entry.is_symlink = type == DT_LNK;
  return entry;
}

Result<std::vector<DirEntry>> list_fd(Fd fd, const Path& path) {
  const DirHandle dir(::fdopendir(fd.get()), &::closedir);
  if (!dir) return fail_errno(in_words("open", path));
  fd.release();
  std::vector<DirEntry> out;
  for (;;) {
    errno = 0;
    const dirent* raw = ::readdir(dir.get());
    if (raw == nullptr) {
      if (errno != 0) return fail_errno(in_words("read", path));
      break;
    }
    const std::string_view name = raw->d_name;
    if (name != "." && name != "..") out.push_back(to_entry(::dirfd(dir.get()), *raw));
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return out;
}

constexpr int k_dir_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;
constexpr int k_max_depth = 512;  // folders below each other; PATH_MAX allows more than any module has

Result<void> remove_below(int parent, const std::string& name, const Path& path, int depth) {
  if (depth > k_max_depth) return fail(Kind::io, in_words("remove", path) + ": folders nested too deeply");
  Fd fd(::openat(parent, name.c_str(), k_dir_flags));
  if (!fd && errno == EACCES) {
    ::fchmodat(parent, name.c_str(), 0700, 0);
    fd = Fd(::openat(parent, name.c_str(), k_dir_flags));
  }
  if (!fd) {
    if (errno == ENOENT) return {};
    if (errno != ENOTDIR && errno != ELOOP) return fail_errno(in_words("open", path));
    if (::unlinkat(parent, name.c_str(), 0) != 0 && errno != ENOENT)
      return fail_errno(in_words("remove", path));
    return {};
  }
  ::fchmod(fd.get(), 0700);
  const int inner = ::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0);
  if (inner < 0) return fail_errno(in_words("open", path));
  for (const auto& entry : TRY(list_fd(Fd(inner), path))) {
    if (!entry.is_dir && ::unlinkat(fd.get(), entry.name.c_str(), 0) == 0) continue;
    TRY(remove_below(fd.get(), entry.name, path / entry.name, depth + 1));
  }
  if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) {
    return fail_errno(in_words("remove", path));
  }
  return {};
}

}  // namespace

Result<Fd> open_read(const Path& path) {
  Fd fd(retry_eintr([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC); }));
  if (!fd) return fail_errno(in_words("open", path));
  return fd;
}

Result<std::string> read_whole(int fd, const std::string& path, std::uint64_t limit) {
  struct stat st{};
  if (::fstat(fd, &st) != 0) return fail_errno("stat " + path);
  if (S_ISDIR(st.st_mode)) return fail(errno_error("read " + path, EISDIR));
  std::string out;
  out.resize(std::min(limit, static_cast<std::uint64_t>(std::max<off_t>(st.st_size, 0))) + 1);
  std::size_t used = 0;
  for (;;) {
    const auto n = retry_eintr([&] { return ::read(fd, out.data() + used, out.size() - used); });
    if (n < 0) return fail_errno("read " + path);
    if (n == 0) break;
    used += static_cast<std::size_t>(n);
    if (used > limit) return fail(Kind::invalid, path + ": larger than " + std::to_string(limit) + " bytes");
    const bool is_all = S_ISREG(st.st_mode) && used < out.size() && std::cmp_equal(used, st.st_size);
    if (is_all) break;
    if (used == out.size()) out.resize(std::min<std::uint64_t>(limit + 1, out.size() * 2));
  }
  out.resize(used);
  return out;
}

FileInfo FileInfo::of(const struct stat& st) {
  return {.size = static_cast<std::uint64_t>(st.st_size),
          .is_dir = S_ISDIR(st.st_mode),
          .is_regular = S_ISREG(st.st_mode),
          .mtime_ns = std::int64_t{st.st_mtim.tv_sec} * 1'000'000'000 + st.st_mtim.tv_nsec,
          .inode = st.st_ino};
}

Result<std::optional<FileInfo>> stat(const Path& path) {
  struct stat st{};
  if (::stat(path.c_str(), &st) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return fail_errno(in_words("stat", path));
  }
  return FileInfo::of(st);
}

bool is_file(const Path& path) {
  const auto info = stat(path);
  return info && *info && !(*info)->is_dir;
}

bool is_dir(const Path& path) {
  const auto info = stat(path);
  return info && *info && (*info)->is_dir;
}

Result<std::string> read_file(const Path& path, std::uint64_t limit) {
  const Fd fd = TRY(open_read(path));
  return read_whole(fd.get(), path.native(), limit);
}

Result<std::optional<std::string>> read_file_if_exists(const Path& path, std::uint64_t limit) {
  auto content = read_file(path, limit);
  if (content) return std::optional(*std::move(content));
  if (content.error().kind() == Kind::not_found) return std::nullopt;
  return fail(std::move(content).error());
}

Result<void> write_all(int fd, Bytes data, const Path& name_for_errors) {
  while (!data.empty()) {
    const auto n = retry_eintr([&] { return ::write(fd, data.data(), data.size()); });
    if (n < 0) return fail_errno(in_words("write", name_for_errors));
    if (n == 0) return fail(errno_error(in_words("write", name_for_errors), EIO));  // or it would never end
    data = data.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Result<void> write_file(const Path& path, Bytes data, mode_t mode) {
  const Fd fd(
      retry_eintr([&] { return ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode); }));
  if (!fd) return fail_errno(in_words("open", path));
  return write_all(fd.get(), data, path);
}

Result<void> make_dirs(const Path& path, mode_t mode) {
  if (path.empty() || ::mkdir(path.c_str(), mode) == 0) return {};
  const int reason = errno;
  if (reason == EEXIST || reason == EISDIR || is_dir(path)) {
    if (is_dir(path)) return {};
    return fail(errno_error(in_words("mkdir", path), ENOTDIR));
  }
  const bool may_be_above = reason == ENOENT || reason == ENOTDIR;  // then the error names what is in the way
  if (!may_be_above || path == path.parent_path()) return fail(errno_error(in_words("mkdir", path), reason));
  TRY(make_dirs(path.parent_path(), mode));
  if (::mkdir(path.c_str(), mode) == 0) return {};
  const int last = errno;  // is_dir has one of its own
  if (last == EEXIST || is_dir(path)) return {};
  return fail(errno_error(in_words("mkdir", path), last));
}

Result<void> rename(const Path& from, const Path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) {
    return fail_errno("rename " + from.native() + " " + to.native());
  }
  return {};
}

Result<void> remove_file(const Path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail_errno(in_words("remove", path));
  return {};
}

Result<void> remove_tree(const Path& path) {
  const Path clean = path.has_filename() ? path : path.parent_path();
  const Path parent = clean.has_parent_path() ? clean.parent_path() : Path(".");
  const Fd fd(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) {
    if (errno == ENOENT) return {};
    return fail_errno(in_words("open", parent));
  }
  return remove_below(fd.get(), clean.filename().native(), clean, 0);
}

Result<void> fsync_dir(const Path& path) {
  const Fd fd(::open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return fail_errno(in_words("open", path));
  if (::fsync(fd.get()) != 0 && errno != EINVAL) return fail_errno(in_words("fsync", path));
  return {};
}

Result<void> sync_file_system(const Path& folder) {
  const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return fail_errno(in_words("open", folder));
  if (::syncfs(fd.get()) != 0) return fail_errno(in_words("sync", folder));
  return {};
}

Result<std::vector<DirEntry>> list_dir(const Path& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return fail_errno(in_words("open", path));
  return list_fd(std::move(fd), path);
}

Result<TempDir> TempDir::create(std::string_view prefix) {
  const char* base = std::getenv("TMPDIR");
  auto made = create_in(base != nullptr && *base != '\0' ? base : "/tmp", prefix);
  if (made) return made;
  return fail(std::move(made).error().with_hint("temporary files go there: TMPDIR=DIR names another folder"));
}

Result<TempDir> TempDir::create_in(const Path& parent, std::string_view prefix) {
  std::string name = (parent / prefix).native() + "XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) return fail_errno(in_words("mkdir", name));
  return TempDir(Path(name));
}

TempDir::~TempDir() {
  if (!path_.empty()) static_cast<void>(remove_tree(path_).has_value());
}

}  // namespace larder::sys
