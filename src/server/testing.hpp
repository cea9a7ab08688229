// SPDX-License-Identifier: Apache-2.0
// For the tests of this folder only: a store with known content and a client made of a plain socket, which
// sends exactly the bytes it is given. A receive that gets nothing for 20 s fails: tests end, they never
// hang.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/text.hpp"
#include "modzip/extract.hpp"
#include "modzip/write.hpp"
#include "store/go_modules.hpp"
#include "store/store.hpp"
#include "sys/fd.hpp"

namespace larder::server::testing_support {

inline constexpr std::string_view k_module = "go/a.test/!mod/@v/";
inline constexpr std::size_t k_small = 300;       // bytes of the zip of v1.0.0
inline constexpr std::size_t k_middle = 300'000;  // of v1.10.0
inline constexpr std::size_t k_large = 16U << 20U;

inline std::string pattern(std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>('a' + (i * i + i / 251) % 26);
  return out;
}

inline std::string zip_with(const gomod::Module& module, const std::string& content) {
  std::string out;
  const std::vector<modzip::SourceFile> files{{.name = module.str() + "/data", .read = [&](modzip::Scratch&) {
                                                 return Result<Bytes>(as_bytes(content));
                                               }}};
  const auto sink = [&](Bytes bytes) {
    out += as_text(bytes);
    return Result<void>();
  };
  EXPECT_TRUE(modzip::write_zip(sink, files, modzip::Method::stored).has_value());
  return out;
}

// A module zip of just so many bytes.
inline std::string zip_of(const gomod::Module& module, std::size_t size) {
  return zip_with(module, pattern(size - zip_with(module, "").size()));
}
inline std::string zip_of(const std::string& version, std::size_t size) {
  return zip_of(gomod::Module{"a.test/Mod", version}, size);
}

inline void put_version(store::Store& store, const gomod::Module& module, std::size_t zip_size = k_small) {
  const auto put = [&](store::Part part, std::string_view data) {
    ASSERT_TRUE(store.put(store::module_key(module, part).value(), as_bytes(data)).has_value());
  };
  const auto zip = zip_of(module, zip_size);
  put(store::Part::ziphash, modzip::check_and_hash(module, as_bytes(zip)).value().h1.str());
  put(store::Part::mod, "module " + module.path + "\n");
  put(store::Part::zip, zip);
  put(store::Part::info, "{\"Version\":\"" + module.version + "\",\"Time\":\"2024-01-02T03:04:05Z\"}");
}
inline void put_version(store::Store& store, const std::string& version, std::size_t zip_size = k_small) {
  put_version(store, gomod::Module{"a.test/Mod", version}, zip_size);
}

// a.test/Mod: v1.0.0, v1.2.0-rc.1, v1.10.0 and a pseudo-version held whole, v1.11.0 as a requirement only.
inline void fill(store::Store& store) {
  put_version(store, "v1.0.0");
  put_version(store, "v1.10.0", k_middle);
  put_version(store, "v1.2.0-rc.1");
  put_version(store, "v1.10.1-0.20240102030405-abcdefabcdef");
  ASSERT_TRUE(
      store::GoModules(store).put_requirement({"a.test/Mod", "v1.11.0"}, "module a.test/Mod\n").has_value());
  put_version(store, gomod::Module{"b.test/only", "v0.0.0-20240102030405-abcdefabcdef"});
}

// One bit of the object changes. Of an .info the first, since not every change of one can be seen.
inline void flip_a_bit(store::Store& store, const std::string& key) {
  auto data = store::read(store, key).value();
  const std::size_t at = key.ends_with(".info") ? 0 : data.size() / 2;
  data[at] = static_cast<char>(data[at] ^ 1);
  ASSERT_TRUE(store.put(key, as_bytes(data)).has_value());
}

struct Reply {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

class Client {
 public:
  explicit Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval limit{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    connected_ = ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }

  bool connected() const { return connected_; }
  int fd() const { return fd_.get(); }
  void close() { fd_.reset(); }

  // False when the server has closed the connection.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // The next reply; nullopt when the connection ends before it is whole. `head`: it has no body.
  std::optional<Reply> read(bool head = false) {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return std::nullopt;
    }
    Reply reply = parse_head(std::string_view(buffer_).substr(0, end));
    buffer_.erase(0, end + 4);
    const bool bodiless = head || reply.status == 304;
    const auto length = bodiless ? 0 : parse_uint(reply.header("content-length")).value_or(0);
    while (buffer_.size() < length) {
      if (!receive()) return std::nullopt;
    }
    reply.body = buffer_.substr(0, length);
    buffer_.erase(0, length);
    return reply;
  }

  // True when the server closes without another byte.
  bool ended() { return buffer_.empty() && !receive() && buffer_.empty(); }

  Reply get(const std::string& target, const std::string& headers = {}) {
    return ask("GET", target, headers);
  }
  Reply ask(const std::string& method, const std::string& target, const std::string& headers = {}) {
    EXPECT_TRUE(send(method + " " + target + " HTTP/1.1\r\nHost: h.test\r\n" + headers + "\r\n"));
    auto reply = read(method == "HEAD");
    EXPECT_TRUE(reply.has_value()) << method << " " << target;
    return reply.value_or(Reply{});
  }

 private:
  bool receive() {
    char block[65536];
    const auto got = ::recv(fd_.get(), block, sizeof block, 0);
    if (got <= 0) return false;
    buffer_.append(block, static_cast<std::size_t>(got));
    return true;
  }

  static Reply parse_head(std::string_view head) {
    Reply reply;
    bool first = true;
    for (const auto line : lines(head)) {
      if (std::exchange(first, false)) {
        const auto words = fields(line);
        reply.status = words.size() > 1 ? static_cast<int>(parse_uint(words[1]).value_or(0)) : 0;
      } else if (const auto parts = cut(line, ":")) {
        reply.headers[lower_ascii(parts->first)] = std::string(trim(parts->second));
      }
    }
    return reply;
  }

  sys::Fd fd_;
  bool connected_ = false;
  std::string buffer_;
};

}  // namespace larder::server::testing_support
