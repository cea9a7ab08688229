// SPDX-License-Identifier: Apache-2.0
// `larder serve`: a read-only GOPROXY over HTTP from a store. A hit is answered on the thread that read the
// request: one open, one fstat, one sendfile. The first one for an object waits until the object was read and
// compared with its hashes, elsewhere (inspector.hpp).
//
// Invariants: nothing is ever written to the store; what does not match its hash is never given out; a target
// that is not a clean name never becomes a key; no client holds a connection longer than Limits says. Thread
// rule: start() returns a running server; url(), port(), begin_drain() and active() are safe from any thread;
// drain() and the destructor belong to one. Spec: go-modules.md 5.2 and 5.3, airgap-sync-operations.md 4
// (health, drain).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/result.hpp"
#include "server/access_log.hpp"
#include "store/store.hpp"
#include "sumdb/note.hpp"

namespace larder::server {

struct Limits {
  unsigned connections = 1024;            // at once; more wait in the listen queue
  unsigned connections_per_address = 0;   // 0: no such limit
  std::size_t request_bytes = 8U << 10U;  // request line and headers together; above: 414 or 431
  // From accept, or the end of the request line, to the last header byte.
  std::chrono::milliseconds request_time{10'000};
  std::chrono::milliseconds idle_time{60'000};  // keep-alive: from an answer to the next request line
  // An answer of n bytes may take answer_time + n / min_bytes_per_second.
  std::chrono::milliseconds answer_time{60'000};
  std::uint64_t min_bytes_per_second = 4096;
};

struct Options {
  // "127.0.0.1:8080", "[::1]:0", "0.0.0.0:80"; port 0 lets the system choose. Addresses only, no host names.
  std::string listen = "127.0.0.1:8080";
  // A listening socket to take over instead of `listen` (see systemd.hpp); the server closes it.
  std::optional<int> listen_fd;
  unsigned threads = 0;  // 0: one a processor, at most 8
  Limits limits;
  // After drain() was called, new connections are accepted for so long, with /readyz answering 503.
  std::chrono::milliseconds drain_notice{0};
  // Not empty: the server is that checksum database, at its root, and no GOPROXY.
  std::string database;
  // The key of a checksum database that the store carries; without one, signatures are not looked at.
  std::function<std::optional<sumdb::VerifierKey>(const std::string& name)> database_key;
  // Called once a request from the server's threads, after its last byte; must be quick and thread-safe.
  std::function<void(const AccessRecord&)> on_access;
};

class Server {
 public:
  // `store` must outlive the server. Kind::unavailable when the address is taken, Kind::invalid when it does
  // not read as one, Kind::forbidden when the port is privileged.
  static Result<std::unique_ptr<Server>> start(store::Store& store, Options options);
  virtual ~Server() = default;  // stops at once, cutting what is in flight

  virtual std::string url() const = 0;  // "http://127.0.0.1:41234", with the bound port
  virtual std::uint16_t port() const = 0;
  virtual std::size_t active() const = 0;  // requests being answered

  virtual void begin_drain() = 0;  // /readyz says 503 from now on; everything else goes on
  // begin_drain, then accepts no more, closes idle connections, lets requests in flight end. False when
  // `timeout` cut some of them. The server is stopped afterwards.
  virtual bool drain(std::chrono::milliseconds timeout) = 0;
  // Blocks until `stop` is requested, then drains.
  bool run(std::stop_token stop, std::chrono::milliseconds drain_timeout);
};

}  // namespace larder::server
