// SPDX-License-Identifier: Apache-2.0
#include "modzip/tree_writer.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/retry.hpp"

namespace larder::modzip {

namespace {

// Deeper directories are reached by path from the deepest open one, so that a hostile zip cannot use up the
// process's descriptors.
constexpr std::size_t k_most_open = 32;

constexpr mode_t k_write_bits = 0222;
constexpr mode_t k_mode_bits = 07777;

// 0 or errno.
int write_fully(int fd, Bytes content) {
  while (!content.empty()) {
    const auto n = sys::retry_eintr([&] { return ::write(fd, content.data(), content.size()); });
    if (n < 0) return errno;
    content = content.subspan(static_cast<std::size_t>(n));
  }
  return 0;
}

bool is_below(std::string_view path, std::string_view directory) {
  return path.starts_with(directory) && (path.size() == directory.size() || path[directory.size()] == '/');
}

}  // namespace

TreeWriter::Base TreeWriter::base() const {
  const std::size_t open = std::min(levels_.size(), k_most_open);
  if (open == 0) return {root_, 0};
  return {levels_[open - 1].fd.get(), levels_[open - 1].length + 1};
}

const char* TreeWriter::terminated(std::string_view text) {
  buffer_.assign(text);
  return buffer_.c_str();
}

Failure TreeWriter::failure(std::string_view action, std::string_view name, int number) const {
  std::string what(action);
  what += ' ';
  what += root_name_;
  what += '/';
  what += name;
  return fail(errno_error(what, number));
}

Result<void> TreeWriter::enter(std::string_view directory) {
  while (!levels_.empty() && !is_below(directory, directory_.substr(0, levels_.back().length))) {
    levels_.pop_back();
  }
  std::size_t done = levels_.empty() ? 0 : levels_.back().length;
  directory_ = directory;
  while (done < directory.size()) {
    const std::size_t end = std::min(directory.find('/', done + 1), directory.size());
    const std::string_view path = directory.substr(0, end);
    const Base from = base();
    const char* const relative = terminated(path.substr(from.length));
    if (::mkdirat(from.fd, relative, 0777) != 0 && errno != EEXIST) return failure("mkdir", path, errno);
    Level level{.length = end, .fd = {}};
    if (levels_.size() < k_most_open) {
      level.fd = sys::Fd(sys::retry_eintr(
          [&] { return ::openat(from.fd, relative, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC); }));
      if (!level.fd) return failure("open", path, errno);
    }
    levels_.push_back(std::move(level));
    done = end;
  }
  return {};
}

Result<void> TreeWriter::write(std::string_view name, Bytes content) {
  const auto slash = name.rfind('/');
  const auto directory = slash == std::string_view::npos ? std::string_view{} : name.substr(0, slash);
  if (directory != directory_) {
    TRY(enter(directory));
  } else {
    directory_ = directory;  // the old name's bytes may go
  }
  const Base from = base();
  const char* const relative = terminated(name.substr(from.length));
  sys::Fd fd(sys::retry_eintr([&] {
    return ::openat(from.fd, relative, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0444);
  }));
  if (!fd) return failure("open", name, errno);
  if (const int number = write_fully(fd.get(), content); number != 0) return failure("write", name, number);
  // Some file systems report a full disk only here.
  if (::close(fd.release()) != 0 && errno != EINTR) return failure("close", name, errno);
  return {};
}

Result<void> make_read_only(int root, const std::string& root_name,
                            const std::vector<std::string_view>& names) {
  std::vector<std::string> directories;
  std::string_view previous;
  for (const std::string_view name : names) {
    for (auto end = name.find('/'); end != std::string_view::npos; end = name.find('/', end + 1)) {
      if (previous.starts_with(name.substr(0, end + 1))) continue;
      directories.emplace_back(name.substr(0, end));
    }
    previous = name;
  }
  struct stat info = {};
  if (!directories.empty()) {  // all were made by us with one umask: one look is enough
    if (::fstatat(root, directories.front().c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
      return fail_errno("stat " + root_name + "/" + directories.front());
    }
  }
  for (auto path = directories.rbegin(); path != directories.rend(); ++path) {
    if (::fchmodat(root, path->c_str(), info.st_mode & k_mode_bits & ~k_write_bits, 0) != 0) {
      return fail_errno("chmod " + root_name + "/" + *path);
    }
  }
  if (::fstat(root, &info) != 0 || ::fchmod(root, info.st_mode & k_mode_bits & ~k_write_bits) != 0) {
    return fail_errno("chmod " + root_name);
  }
  return {};
}

}  // namespace larder::modzip
