// SPDX-License-Identifier: Apache-2.0
#include "server/listener.hpp"

#include <string>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "server/systemd.hpp"
#include "sys/files.hpp"

namespace larder::server {
namespace {

TEST(Listener, malformed_addresses) {
  for (const char* text :
       {"", ":", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:-1", "127.0.0.1:65536",
        "localhost:80", "example.com:80", "::1:80", "[::1]", "[127.0.0.1]:80", "1.2.3:80", "[]:80"}) {
    const auto listener = listen_on(text);
    ASSERT_FALSE(listener.has_value()) << text;
    EXPECT_EQ(listener.error().kind(), Kind::invalid) << text;
    EXPECT_FALSE(listener.error().hint().empty());
  }
}

TEST(Listener, reports_the_bound_port) {
  const auto listener = listen_on("127.0.0.1:0");
  ASSERT_TRUE(listener.has_value()) << listener.error().message();
  EXPECT_NE(listener->port, 0);
  EXPECT_EQ(listener->url, "http://127.0.0.1:" + std::to_string(listener->port));
}

TEST(Listener, address_in_use) {
  const auto first = listen_on("127.0.0.1:0");
  ASSERT_TRUE(first.has_value());
  const auto second = listen_on("127.0.0.1:" + std::to_string(first->port));
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().kind(), Kind::unavailable);
  EXPECT_FALSE(second.error().hint().empty());
}

TEST(Listener, address_of_another_machine) {
  const auto listener = listen_on("192.0.2.1:0");
  ASSERT_FALSE(listener.has_value());
}

TEST(Listener, takes_only_listening_sockets) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_GE(fd, 0);
  const auto listener = take_listener(fd);
  ASSERT_FALSE(listener.has_value());
  EXPECT_EQ(listener.error().kind(), Kind::invalid);
}

class Systemd : public testing::Test {
 protected:
  void TearDown() override {
    for (const char* name : {"NOTIFY_SOCKET", "LISTEN_PID", "LISTEN_FDS"}) ::unsetenv(name);
  }
};

TEST_F(Systemd, nothing_outside_systemd) {
  EXPECT_TRUE(notify_systemd("READY=1").has_value());
  EXPECT_EQ(inherited_listener().value(), std::nullopt);
}

TEST_F(Systemd, ready_reaches_the_socket) {
  const auto dir = sys::TempDir::create();
  ASSERT_TRUE(dir.has_value());
  const auto path = dir->path() / "notify";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path.native().size(), sizeof address.sun_path);
  path.native().copy(address.sun_path, path.native().size());
  const sys::Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  const auto sent = notify_systemd("READY=1\nSTATUS=serving");
  ASSERT_TRUE(sent.has_value()) << sent.error().message();
  char buffer[64];
  const auto size = ::recv(fd.get(), buffer, sizeof buffer, MSG_DONTWAIT);
  ASSERT_GT(size, 0);
  EXPECT_EQ(std::string(buffer, static_cast<std::size_t>(size)), "READY=1\nSTATUS=serving");
}

TEST_F(Systemd, bad_socket_names) {
  for (const std::string& name :
       {std::string("relative"), "/" + std::string(200, 'x'), std::string("/nonexistent/x")}) {
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
    EXPECT_FALSE(notify_systemd("READY=1").has_value()) << name;
  }
}

TEST_F(Systemd, sockets_of_another_process) {
  ::setenv("LISTEN_FDS", "1", 1);
  ::setenv("LISTEN_PID", "1", 1);
  EXPECT_EQ(inherited_listener().value(), std::nullopt);
  ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
  ::setenv("LISTEN_FDS", "0", 1);
  EXPECT_EQ(inherited_listener().value(), std::nullopt);
}

}  // namespace
}  // namespace larder::server
