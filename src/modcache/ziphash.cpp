// SPDX-License-Identifier: Apache-2.0
#include "modcache/ziphash.hpp"

#include <array>
#include <string_view>

#include <unistd.h>

#include "modcache/locked_file.hpp"
#include "sys/lock.hpp"
#include "sys/retry.hpp"

namespace larder::modcache {

namespace {

Result<std::optional<gomod::H1>> parse_fd(int fd, const sys::Path& file) {
  std::array<char, 64> buffer;
  const auto n = sys::retry_eintr([&] { return ::pread(fd, buffer.data(), buffer.size(), 0); });
  if (n < 0) return fail_errno("read " + file.native());
  return gomod::H1::parse(std::string_view(buffer.data(), static_cast<std::size_t>(n)));
}

template <class T>
Result<std::optional<gomod::H1>> absent_or_error(const Result<T>& failed) {
  if (failed.error().kind() == Kind::not_found) return std::nullopt;
  return fail(failed.error());
}

}  // namespace

// First without the lock: a writer empties and zeroes the file before it writes, so whatever parses as a hash
// is whole. Only what does not parse may be a write under way, and is read again behind the writer.
Result<std::optional<gomod::H1>> read_ziphash(const sys::Path& file) {
  const auto fd = sys::open_read(file);
  if (!fd) return absent_or_error(fd);
  if (const auto h1 = TRY(parse_fd(fd->get(), file))) return h1;
  const auto lock = sys::FileLock::shared(file);
  if (!lock) return absent_or_error(lock);
  return parse_fd(lock->fd(), file);
}

Result<void> write_ziphash(const sys::Path& file, const gomod::H1& h1) {
  const auto lock = TRY(sys::FileLock::exclusive(file));
  return rewrite(lock, h1.str(), file);
}

}  // namespace larder::modcache
