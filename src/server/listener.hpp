// SPDX-License-Identifier: Apache-2.0
// Listening TCP sockets from addresses that people write.
// Invariant: only the address asked for is bound; names are not looked up. Thread rule: free functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace larder::server {

struct Listener {
  sys::Fd fd;  // listening, non-blocking
  std::uint16_t port = 0;
  std::string url;  // "http://[::1]:8080"
};

Result<void> check_listen_address(std::string_view address);  // of its form
Result<Listener> listen_on(std::string_view address);
Result<Listener> take_listener(int fd);  // takes the descriptor also when it fails

}  // namespace larder::server
