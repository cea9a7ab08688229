// SPDX-License-Identifier: Apache-2.0
// The HTTP client: an ordinary blocking call in front of one thread that drives all transfers. Connections
// are reused, HTTP/2 is used where offered; redirects, retries and the continuation of cut transfers are
// inside.
//
// Invariants: credentials and client certificates travel only over https and only to the host they were given
// for; https never leads to http; memory per request is bounded by its limits; every call ends within `total`
// and at once when a stop is requested. No password appears in an error or a trace. Nothing connects before
// get() is called. Thread rule: one Client for the process, get() from any number of threads; sinks and
// traces are called from the thread that called get(). Spec: go-modules.md 5.2, 5.3, 5.8.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "http/credentials.hpp"
#include "http/environment.hpp"
#include "http/retry.hpp"
#include "http/sink.hpp"

namespace larder::http {

struct Timeouts {
  Millis connect{30'000};                  // name lookup, TCP, TLS
  Millis idle{60'000};                     // without one byte, from the request to the end of the body
  Millis total{std::chrono::minutes{20}};  // one get(), with redirects, pauses and retries
  Millis silent_host{30'000};  // a host that three times in a row gave no byte is left alone so long
};

// One request and its answer, for -x and logs. Called before (status 0) and after.
struct Trace {
  std::string url;          // redacted
  int status = 0;           // 0: begins, or failed
  std::string status_line;  // "200 OK", or the error
  Millis duration{0};
  bool begins = false;
};

// What TLS needs with one host, beyond what all have. Empty: as with all others.
struct HostTls {
  std::string host;  // lower case
  std::uint16_t port = 443;
  std::string ca_file;      // PEM; the authorities of this host, in place of all others
  std::string client_cert;  // PEM
  std::string client_key;   // PEM, not encrypted
};

struct Options {
  Timeouts timeouts;
  RetryPolicy retry;
  NetworkSettings network;
  std::vector<HostTls> tls;            // each host once
  unsigned connections_per_host = 16;  // also requests at once to one host
  unsigned redirects = 10;
  std::string user_agent = "larder";
  std::function<void(const Trace&)> trace;   // may be called by several threads at once
  std::shared_ptr<Credentials> credentials;  // of requests that bring none; nullptr: nobody's
};

struct BasicAuth {
  std::string user;
  std::string password;
};

struct Request {
  std::string url;                        // http or https; user info becomes basic authentication
  Headers headers;                        // such as {"If-None-Match", "\"…\""}
  std::optional<BasicAuth> auth;          // for https; user info in the URL wins
  std::uint64_t body_limit = 16U << 20U;  // bytes; above: Kind::invalid
  std::string too_large;  // what the error says then; empty: `reading URL: response body too large`
  std::size_t error_body_limit = 16U << 10U;  // bytes kept of an answer that is not a 200
  // For hosts under GOINSECURE: any certificate will do, also http behind https; one attempt of 5 s.
  bool insecure = false;
  ByteSink* sink = nullptr;  // takes the body of a 200; nullptr: Response::body
};

struct Response {
  int status = 0;
  std::string reason;            // "Not Found", the server's or the usual one
  std::string url;               // where the answer came from, redacted
  Headers headers;               // names in lower case
  std::string body;              // without a sink: whole; other statuses than 200: its beginning
  std::uint64_t body_bytes = 0;  // length of the 200's body
  unsigned attempts = 1;         // requests made; redirects, and again with other credentials, not counted

  std::optional<std::string_view> header(std::string_view lower_case_name) const;
  std::string status_line() const;  // "404 Not Found"
};

class Client {
 public:
  explicit Client(Options options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Any status is an answer; only what prevents one is an error, with the text `Get "URL": REASON`:
  // unavailable (connection, timeout), invalid (URL, redirect, too large), forbidden (credentials over http),
  // cancelled.
  Result<Response> get(const Request& request, std::stop_token stop) const;

  // What get() says of each, in the same order, for small answers of one host; side by side, in at most half
  // of the host's places, and much cheaper than as many calls. Once one was asked again and again in vain,
  // none of the others is asked more than once; where the host gave no answer at all, those that were not
  // begun fail with the error of that one. Requests have no sinks.
  std::vector<Result<Response>> get_all(std::span<const Request> requests, std::stop_token stop) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace larder::http
