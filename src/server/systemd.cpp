// SPDX-License-Identifier: Apache-2.0
#include "server/systemd.hpp"

#include <cstddef>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.hpp"
#include "sys/fd.hpp"
#include "sys/process.hpp"

namespace larder::server {

namespace {

constexpr int k_first_inherited = 3;  // SD_LISTEN_FDS_START

}  // namespace

Result<void> notify_systemd(std::string_view state) {
  const auto path = sys::env("NOTIFY_SOCKET");
  if (!path) return {};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path->size() >= sizeof address.sun_path || (path->front() != '/' && path->front() != '@')) {
    return fail(Kind::invalid, "NOTIFY_SOCKET=" + quote(*path) + ": neither a path nor an abstract name");
  }
  std::memcpy(address.sun_path, path->data(), path->size());
  if (path->front() == '@') address.sun_path[0] = '\0';
  const sys::Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) return fail_errno("notify systemd");
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path->size());
  if (::sendto(fd.get(), state.data(), state.size(), MSG_NOSIGNAL,
               reinterpret_cast<const sockaddr*>(&address), length) < 0) {
    return fail_errno("notify systemd at " + *path);
  }
  return {};
}

Result<std::optional<int>> inherited_listener() {
  const auto pid = sys::env("LISTEN_PID");
  const auto count = sys::env("LISTEN_FDS");
  if (!pid || !count) return std::nullopt;
  if (parse_uint(*pid) != static_cast<std::uint64_t>(::getpid())) return std::nullopt;
  if (parse_uint(*count).value_or(0) == 0) return std::nullopt;
  int listening = 0;
  socklen_t length = sizeof listening;
  if (::getsockopt(k_first_inherited, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) != 0 ||
      listening == 0) {
    return fail(Kind::invalid, "LISTEN_FDS: descriptor 3 is not a listening socket");
  }
  return k_first_inherited;
}

}  // namespace larder::server
