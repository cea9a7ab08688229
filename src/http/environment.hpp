// SPDX-License-Identifier: Apache-2.0
// Which proxy server a URL is asked through, by HTTP_PROXY, HTTPS_PROXY and NO_PROXY as Go reads them, and
// SSL_CERT_FILE, SSL_CERT_DIR. Values only: nothing here reads the environment. Thread rule: pure functions.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "http/url.hpp"

namespace larder::http {

struct NetworkSettings {
  std::string http_proxy;
  std::string https_proxy;
  std::string no_proxy;
  std::string ca_file;  // PEM; empty: the system's
  std::string ca_dir;   // hashed PEM folder; empty: the system's
};

// lookup gives a variable's value, nullopt where unset or empty. Upper case first, then lower case;
// HTTP_PROXY is not believed in a CGI process (REQUEST_METHOD is set).
using Lookup = std::function<std::optional<std::string>(const std::string&)>;
NetworkSettings network_settings(const Lookup& lookup);

// The proxy's URL, with a scheme; nullopt: connect directly. localhost and loopback addresses never use one.
// no_proxy entries: "*", "host" (with subdomains), ".host" (only subdomains), IP, IP/bits, each with :port.
std::optional<std::string> proxy_for(const NetworkSettings& settings, const Url& url);

}  // namespace larder::http
