// SPDX-License-Identifier: Apache-2.0
#include "sys/socket_address.hpp"

#include <array>
#include <cstring>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

namespace larder::sys {

namespace {

template <class Concrete>
Concrete as(const sockaddr* address) {
  Concrete concrete;
  std::memcpy(&concrete, address, sizeof concrete);
  return concrete;
}

}  // namespace

std::optional<std::uint16_t> port_of(const sockaddr* address) {
  switch (address->sa_family) {
    case AF_INET:
      return ntohs(as<sockaddr_in>(address).sin_port);
    case AF_INET6:
      return ntohs(as<sockaddr_in6>(address).sin6_port);
    default:
      return std::nullopt;
  }
}

std::string host_text(const sockaddr* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address != nullptr && address->sa_family == AF_INET) {
    const auto v4 = as<sockaddr_in>(address);
    return inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
  }
  if (address != nullptr && address->sa_family == AF_INET6) {
    const auto v6 = as<sockaddr_in6>(address);
    return fmt::format("[{}]", inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size()));
  }
  return "unknown";
}

std::string address_text(const sockaddr* address) {
  auto host = host_text(address);
  if (host == "unknown") return host;
  return fmt::format("{}:{}", host, port_of(address).value_or(0));
}

}  // namespace larder::sys
