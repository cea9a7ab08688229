// SPDX-License-Identifier: Apache-2.0
#include "server/listener.hpp"

#include <cerrno>
#include <cstring>
#include <optional>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include "base/text.hpp"
#include "sys/socket_address.hpp"

namespace larder::server {

namespace {

constexpr int k_backlog = 1024;

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

const sockaddr* generic(const SocketAddress& address) {
  return reinterpret_cast<const sockaddr*>(&address.storage);
}

template <class Concrete>
SocketAddress packed(const Concrete& concrete) {
  SocketAddress address;
  std::memcpy(&address.storage, &concrete, sizeof concrete);
  address.length = sizeof concrete;
  return address;
}

std::optional<SocketAddress> make_address(const std::string& host, std::uint16_t port) {
  if (host.starts_with('[') && host.ends_with(']')) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    if (inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &v6.sin6_addr) != 1) return std::nullopt;
    return packed(v6);
  }
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) != 1) return std::nullopt;
  return packed(v4);
}

Result<SocketAddress> parse_address(std::string_view text) {
  const auto malformed = [&] {
    return fail(Kind::invalid, fmt::format("listen address {}: not ADDRESS:PORT", quote(text)),
                "for example 127.0.0.1:8080, [::1]:8080, or 0.0.0.0:8080 for every interface");
  };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return malformed();
  const auto port = parse_uint(text.substr(colon + 1), UINT16_MAX);
  if (!port) return malformed();
  auto address = make_address(std::string(text.substr(0, colon)), static_cast<std::uint16_t>(*port));
  if (!address) return malformed();
  return *address;
}

Failure cannot_listen(std::string_view text) {
  const int number = errno;
  auto error = errno_error(fmt::format("listen on {}", text), number);
  if (number == EADDRINUSE) {
    return fail(Kind::unavailable, error.message(),
                "another program holds this port; choose one with --listen");
  }
  return fail(std::move(error));
}

bool is_listening(int fd) {
  int value = 0;
  socklen_t length = sizeof value;
  return ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &length) == 0 && value != 0;
}

}  // namespace

Result<void> check_listen_address(std::string_view address) {
  TRY(parse_address(address));
  return {};
}

Result<Listener> listen_on(std::string_view text) {
  const auto address = TRY(parse_address(text));
  sys::Fd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return cannot_listen(text);
  const int on = 1;
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) return cannot_listen(text);
  if (::bind(fd.get(), generic(address), address.length) != 0) return cannot_listen(text);
  if (::listen(fd.get(), k_backlog) != 0) return cannot_listen(text);
  return take_listener(fd.release());
}

Result<Listener> take_listener(int raw) {
  Listener listener{.fd = sys::Fd(raw), .port = 0, .url = {}};
  if (!is_listening(raw)) return fail(Kind::invalid, "the socket handed over is not a listening one");
  const int flags = ::fcntl(raw, F_GETFL);
  if (flags < 0 || ::fcntl(raw, F_SETFL, flags | O_NONBLOCK) != 0) return fail_errno("listening socket");
  if (::fcntl(raw, F_SETFD, FD_CLOEXEC) != 0) return fail_errno("listening socket");
  SocketAddress bound;
  bound.length = sizeof bound.storage;
  if (::getsockname(raw, reinterpret_cast<sockaddr*>(&bound.storage), &bound.length) != 0) {
    return fail_errno("listening socket");
  }
  const auto port = sys::port_of(generic(bound));
  if (!port) return fail(Kind::invalid, "the listening socket is not a TCP socket");
  listener.port = *port;
  listener.url = "http://" + sys::address_text(generic(bound));
  return listener;
}

}  // namespace larder::server
