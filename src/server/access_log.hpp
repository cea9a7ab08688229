// SPDX-License-Identifier: Apache-2.0
// One record a request, and its line. The caller decides where lines go: library code never prints.
// Invariant: a line has no control character and no line break, whatever the client sent.
// Thread rule: values and pure functions. Spec: airgap-sync-operations.md 4 (logs).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace larder::server {

struct AccessRecord {
  std::string remote;                     // "127.0.0.1:51234", "[::1]:51234"
  std::string method;                     // as sent
  std::string target;                     // as sent, not decoded
  std::string_view route;                 // "list", "zip", …: see route.hpp; static storage
  unsigned status = 0;                    // 0: the connection ended before there was an answer
  std::uint64_t bytes = 0;                // of the answer's body, without headers
  std::chrono::microseconds duration{0};  // request line read to last byte handed to the system
  bool complete = true;                   // false: the connection ended in the middle of the answer
  std::string error;                      // what the store said, for answers >= 500; not shown to the client
};

// remote=127.0.0.1:51234 method=GET path=/a.test/@v/list route=list status=200 bytes=12 duration_us=85
// followed by cut=true and error="…" where they apply. Values with other than plain characters are quoted.
std::string access_line(const AccessRecord& record);

}  // namespace larder::server
