// SPDX-License-Identifier: Apache-2.0
#include "sys/socket_address.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>

namespace larder::sys {
namespace {

TEST(AddressText, families) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(80);
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(address_text(reinterpret_cast<const sockaddr*>(&v4)), "127.0.0.1:80");
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(443);
  v6.sin6_addr = in6addr_loopback;
  EXPECT_EQ(address_text(reinterpret_cast<const sockaddr*>(&v6)), "[::1]:443");
  EXPECT_EQ(host_text(reinterpret_cast<const sockaddr*>(&v6)), "[::1]");
  EXPECT_EQ(address_text(nullptr), "unknown");
}

}  // namespace
}  // namespace larder::sys
