// SPDX-License-Identifier: Apache-2.0
#include "app/write_project.hpp"

#include <unistd.h>

#include "sys/retry.hpp"

namespace larder::app {

namespace {
Result<void> write_at(int fd, std::string_view data, std::size_t at, const sys::Path& file) {
  while (!data.empty()) {
    const auto n =
        sys::retry_eintr([&] { return ::pwrite(fd, data.data(), data.size(), static_cast<off_t>(at)); });
    if (n < 0) return fail_errno("write " + file.native());
    data.remove_prefix(static_cast<std::size_t>(n));
    at += static_cast<std::size_t>(n);
  }
  return {};
}

Result<void> truncate(int fd, std::size_t size, const sys::Path& file) {
  if (::ftruncate(fd, static_cast<off_t>(size)) != 0) return fail_errno("truncate " + file.native());
  return {};
}

Result<void> write_over(int fd, std::string_view before, std::string_view after, const sys::Path& file) {
  const auto common = std::min(before.size(), after.size());
  if (auto tail = write_at(fd, after.substr(common), common, file); !tail) {
    static_cast<void>(truncate(fd, before.size(), file).has_value());
    return tail;
  }
  auto head = write_at(fd, after.substr(0, common), 0, file);
  if (head) head = truncate(fd, after.size(), file);
  if (!head) {
    const bool back = write_at(fd, before, 0, file).has_value();
    if (back) static_cast<void>(truncate(fd, before.size(), file).has_value());
  }
  return head;
}
}  // namespace

Result<std::string> read_shared(const sys::Path& file) {
  const auto lock = TRY(sys::FileLock::shared(file));
  return lock.read();
}

Result<void> rewrite_shared(const sys::Path& file, std::string_view before, std::string_view after,
                            std::string_view changed) {
  const auto lock = TRY(sys::FileLock::exclusive(file));
  const auto now = TRY(lock.read());
  if (now == after) return {};
  if (now != before) return fail(Kind::unavailable, std::string(changed));
  return write_over(lock.fd(), before, after, file);
}

Result<void> write_shared(const sys::Path& file, std::string_view content) {
  const auto lock = TRY(sys::FileLock::exclusive(file));
  const auto now = TRY(lock.read());
  return now == content ? Result<void>() : write_over(lock.fd(), now, content, file);
}

std::optional<sys::FileLock> side_lock(const sys::Path& modcache) {
  if (modcache.empty() || !sys::make_dirs(modcache / "cache")) return std::nullopt;
  auto lock = sys::FileLock::exclusive(modcache / "cache" / "lock");
  return lock ? std::optional(*std::move(lock)) : std::nullopt;
}

}  // namespace larder::app
