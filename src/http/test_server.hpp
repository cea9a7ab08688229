// SPDX-License-Identifier: Apache-2.0
// For tests only: an HTTP/1.1 server on 127.0.0.1, port 0, that answers each request with the bytes that a
// function returns, true to the protocol or not. Thread rule: the handler is called by one thread a
// connection; everything ends with the object.
#pragma once

#include <array>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/result.hpp"
#include "base/text.hpp"
#include "sys/fd.hpp"

namespace larder::http {

struct TestRequest {
  std::string head;    // without the empty line
  std::string target;  // "/a/b?c"
  std::size_t number;  // from 0, over all connections

  // "" where absent.
  std::string header(std::string_view name) const {
    for (const auto line : lines(head)) {
      const auto field = cut(line, ":");
      if (field && lower_ascii(field->first) == lower_ascii(name)) return std::string(trim(field->second));
    }
    return {};
  }
};

struct TestReply {
  enum class Then { keep, close, hold, repeat };
  std::string bytes;
  Then then = Then::keep;  // hold: no more bytes, until the client goes; repeat: `again` until it goes
  std::string again{};
};

inline TestReply reply(int status, std::string_view body, std::string_view headers = "") {
  return {"HTTP/1.1 " + std::to_string(status) + " Status\r\nContent-Length: " + std::to_string(body.size()) +
          "\r\n" + std::string(headers) + "\r\n" + std::string(body)};
}

class TestServer {
 public:
  using Handler = std::function<TestReply(const TestRequest&)>;

  explicit TestServer(Handler handler) : handler_(std::move(handler)) {
    listener_ = sys::Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    LARDER_ASSERT(::bind(listener_.get(), generic, size) == 0 && ::listen(listener_.get(), 64) == 0);
    LARDER_ASSERT(::getsockname(listener_.get(), generic, &size) == 0);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~TestServer() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    acceptor_.join();
    {
      const std::lock_guard lock(mutex_);
      for (const auto& fd : connections_) ::shutdown(fd.get(), SHUT_RDWR);
    }
    for (auto& thread : threads_) thread.join();
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  std::string url(std::string_view target = "") const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(target);
  }
  std::vector<TestRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return log_;
  }
  std::size_t connections() const {
    const std::lock_guard lock(mutex_);
    return connections_.size();
  }

 private:
  void accept_all() {
    while (true) {
      const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      const std::lock_guard lock(mutex_);
      connections_.emplace_back(fd);
      threads_.emplace_back([this, fd] { serve(fd); });
    }
  }

  void serve(int fd) {
    std::string input;
    std::array<char, 4096> buffer{};
    while (true) {
      const auto end = input.find("\r\n\r\n");
      if (end == std::string::npos) {
        const auto count = ::recv(fd, buffer.data(), buffer.size(), 0);
        if (count <= 0 || input.size() > 1U << 20U) break;
        input.append(buffer.data(), static_cast<std::size_t>(count));
        continue;
      }
      const TestReply answer = handler_(note(input.substr(0, end)));
      input.erase(0, end + 4);
      if (!send_all(fd, answer.bytes) || answer.then == TestReply::Then::close) break;
      while (answer.then == TestReply::Then::repeat && send_all(fd, answer.again)) {
      }
      while (answer.then == TestReply::Then::hold && ::recv(fd, buffer.data(), buffer.size(), 0) > 0) {
      }
      if (answer.then != TestReply::Then::keep) break;
    }
    ::shutdown(fd, SHUT_RDWR);  // closed by the destructor, so that the number is not used anew
  }

  static bool send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }

  TestRequest note(std::string head) {
    const std::lock_guard lock(mutex_);
    const auto words = fields(lines(head).front());
    std::string target(words.size() > 1 ? words[1] : "");
    log_.push_back({std::move(head), std::move(target), log_.size()});
    return log_.back();
  }

  Handler handler_;
  sys::Fd listener_;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::vector<sys::Fd> connections_;
  std::vector<TestRequest> log_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace larder::http
