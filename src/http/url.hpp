// SPDX-License-Identifier: Apache-2.0
// http and https URLs: taken apart, printed without secrets, resolved against a redirect's Location.
// Invariant of a Url: scheme is "http" or "https"; host is not empty; path begins with '/'; no control
// characters, no spaces. Thread rule: values. Spec: go-modules.md 5.2, 5.8; RFC 3986.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace larder::http {

struct Url {
  std::string scheme;                   // lower case
  std::optional<std::string> user;      // percent-decoded
  std::optional<std::string> password;  // percent-decoded; only beside a user
  std::string host;                     // lower case; an IPv6 address without its brackets
  std::optional<std::uint16_t> port;    // as written
  std::string target;                   // path and query, percent-encoded as given, without fragment

  // Kind::invalid: `parse "URL": REASON`, the URL redacted.
  static Result<Url> parse(std::string_view text);
  // The URL that a Location header names, seen from this one. Never inherits user info.
  Result<Url> resolve(std::string_view location) const;

  bool https() const { return scheme == "https"; }
  std::uint16_t effective_port() const;
  std::string authority() const;  // "host" or "host:port", without user info; "[::1]:80"
  std::string str() const;        // without user info: what goes to the wire
  std::string redacted() const;   // as str(), with the user and "xxxxx" for a password

  friend bool operator==(const Url&, const Url&) = default;
};

// Any text that may be a URL, its password masked as the go command does.
std::string redact(std::string_view text);

// Everything but unreserved characters, "$&+,/:;=@" becomes %XX in upper case: '!' is %21, '+' stays.
std::string encode_path(std::string_view path);
// %XX decoded; nullopt at a malformed escape.
std::optional<std::string> percent_decode(std::string_view text);

}  // namespace larder::http
