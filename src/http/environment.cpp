// SPDX-License-Identifier: Apache-2.0
#include "http/environment.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <arpa/inet.h>

#include "base/text.hpp"

namespace larder::http {

namespace {

struct Address {
  std::array<std::uint8_t, 16> bytes{};
  unsigned bits = 0;  // 32 or 128
};

std::optional<Address> parse_address(const std::string& text) {
  Address address;
  if (inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1) {
    address.bits = 32;
    return address;
  }
  if (inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1) {
    address.bits = 128;
    return address;
  }
  return std::nullopt;
}

bool same_network(const Address& a, const Address& b, unsigned bits) {
  if (a.bits != b.bits) return false;
  for (unsigned i = 0; i < bits; ++i) {
    const auto mask = static_cast<std::uint8_t>(0x80U >> (i % 8));
    if ((a.bytes.at(i / 8) & mask) != (b.bytes.at(i / 8) & mask)) return false;
  }
  return true;
}

bool is_loopback(const std::string& host) {
  if (host == "localhost") return true;
  const auto address = parse_address(host);
  if (!address) return false;
  if (address->bits == 32) return address->bytes[0] == 127;
  const auto loopback = parse_address("::1");
  return address->bytes == loopback->bytes;
}

bool network_matches(std::string_view entry, const std::string& host) {
  const auto parts = cut(entry, "/");
  const auto network = parse_address(std::string(parts->first));
  const auto address = parse_address(host);
  if (!network || !address) return false;
  const auto bits = parse_uint(parts->second, network->bits);
  return bits && same_network(*network, *address, static_cast<unsigned>(*bits));
}

// host[:port]; an IPv6 address with a port stands in brackets.
struct HostPort {
  std::string host;
  std::optional<std::uint64_t> port;
};

HostPort split_host_port(std::string_view entry) {
  if (entry.starts_with('[')) {
    const auto parts = cut(entry.substr(1), "]");
    if (!parts) return {std::string(entry), std::nullopt};
    const auto port =
        parts->second.starts_with(':') ? parse_uint(parts->second.substr(1), 65535) : std::nullopt;
    return {std::string(parts->first), port};
  }
  const auto colon = entry.find(':');
  if (colon == std::string_view::npos || entry.find(':', colon + 1) != std::string_view::npos) {
    return {std::string(entry), std::nullopt};
  }
  return {std::string(entry.substr(0, colon)), parse_uint(entry.substr(colon + 1), 65535)};
}

bool entry_matches(std::string_view raw, const Url& url) {
  const std::string entry = lower_ascii(trim(raw));
  if (entry.empty()) return false;
  if (entry == "*") return true;
  if (entry.find('/') != std::string::npos) return network_matches(entry, url.host);
  auto [host, port] = split_host_port(entry);
  if (port && *port != url.effective_port()) return false;
  if (const auto address = parse_address(host)) {
    const auto own = parse_address(url.host);
    return own && same_network(*address, *own, address->bits);
  }
  if (host.starts_with("*.")) host.erase(0, 1);
  if (host.starts_with('.')) return url.host.ends_with(host);
  return url.host == host || url.host.ends_with("." + host);
}

}  // namespace

NetworkSettings network_settings(const Lookup& lookup) {
  const auto either = [&](const char* upper, const char* lower) {
    if (auto value = lookup(upper)) return *value;
    return lookup(lower).value_or("");
  };
  NetworkSettings settings;
  // A CGI server turns the request header "Proxy:" into HTTP_PROXY.
  if (!lookup("REQUEST_METHOD")) settings.http_proxy = either("HTTP_PROXY", "http_proxy");
  settings.https_proxy = either("HTTPS_PROXY", "https_proxy");
  settings.no_proxy = either("NO_PROXY", "no_proxy");
  settings.ca_file = lookup("SSL_CERT_FILE").value_or("");
  settings.ca_dir = lookup("SSL_CERT_DIR").value_or("");
  return settings;
}

std::optional<std::string> proxy_for(const NetworkSettings& settings, const Url& url) {
  const std::string& proxy = url.https() ? settings.https_proxy : settings.http_proxy;
  if (proxy.empty() || is_loopback(url.host)) return std::nullopt;
  const auto entries = split(settings.no_proxy, ',');
  const bool direct =
      std::any_of(entries.begin(), entries.end(), [&](std::string_view e) { return entry_matches(e, url); });
  if (direct) return std::nullopt;
  return proxy.find("://") == std::string::npos ? "http://" + proxy : proxy;
}

}  // namespace larder::http
