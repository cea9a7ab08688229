// SPDX-License-Identifier: Apache-2.0
#include "gomod/goproxy.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"

namespace larder::gomod {

namespace {
struct UrlParts {
  std::string_view scheme;  // as written; empty where there is none
  std::string_view user;    // user info without '@'
  bool has_authority = false;
  std::string_view host;               // the rest of the authority
  bool has_query_or_fragment = false;  // an empty fragment is none
};

bool is_scheme(std::string_view s) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !s.empty() && letter(s[0]) && std::all_of(s.begin(), s.end(), [&](char c) {
    return letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  });
}

UrlParts split_url(std::string_view url) {
  UrlParts out;
  if (const auto colon = url.find(':'); colon != std::string_view::npos && is_scheme(url.substr(0, colon))) {
    out.scheme = url.substr(0, colon);
    url.remove_prefix(colon + 1);
  }
  const auto path_end = std::min(url.find_first_of("?#"), url.size());
  out.has_query_or_fragment = path_end != url.size() && url.substr(path_end) != "#";
  url = url.substr(0, path_end);
  if (!url.starts_with("//")) return out;
  url.remove_prefix(2);
  out.has_authority = true;
  out.host = url.substr(0, url.find('/'));
  if (const auto at = out.host.rfind('@'); at != std::string_view::npos) {
    out.user = out.host.substr(0, at);
    out.host.remove_prefix(at + 1);
  }
  return out;
}

Failure invalid(std::string_view text, std::string_view url) {
  return fail(Kind::invalid, fmt::format("{}: {}", text, redact_url(url)));
}

Failure unparsable(std::string_view url, std::string_view reason) {
  return fail(Kind::invalid, fmt::format("parse {}: {}", quote(url), reason));
}

// The first "%" that two hex digits do not follow, with what follows it; "" where there is none.
std::string_view bad_escape(std::string_view s) {
  const auto hex = [](char c) {
    return is_digit(c) || (to_lower_ascii(c) >= 'a' && to_lower_ascii(c) <= 'f');
  };
  for (auto at = s.find('%'); at != std::string_view::npos; at = s.find('%', at + 1)) {
    if (at + 2 >= s.size() || !hex(s[at + 1]) || !hex(s[at + 2])) return s.substr(at, 3);
  }
  return {};
}

std::string_view bad_port(std::string_view host) {
  const auto name_end = host.starts_with('[') ? host.find(']') : 0;
  const auto colon = host.find(':', name_end);
  if (colon == std::string_view::npos) return {};
  const auto port = host.substr(colon);
  return std::all_of(port.begin() + 1, port.end(), is_digit) ? std::string_view() : port;
}

// What makes a URL unreadable, whatever its scheme.
Result<void> check_form(std::string_view url, const UrlParts& parts) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::any_of(url.begin(), url.end(), control))
    return unparsable(url, "net/url: invalid control character in URL");
  if (url.starts_with(':')) return unparsable(url, "missing protocol scheme");
  if (parts.scheme.empty() && url.substr(0, url.find('/')).find(':') != std::string_view::npos)
    return unparsable(url, "first path segment in URL cannot contain colon");
  if (const auto port = bad_port(parts.host); !port.empty())
    return unparsable(redact_url(url), redact_url(url) == url
                                           ? fmt::format("invalid port {} after host", quote(port))
                                           : "invalid port after host");
  if (const auto escape = bad_escape(url); !escape.empty())
    return unparsable(redact_url(url), fmt::format("invalid URL escape {}", quote(escape)));
  return {};
}

Result<void> check_url(std::string_view url) {
  constexpr std::array<std::string_view, 3> k_schemes = {"http", "https", "file"};
  const auto parts = split_url(url);
  TRY(check_form(url, parts));
  const auto scheme = lower_ascii(parts.scheme);
  if (scheme.empty()) return invalid("invalid proxy URL missing scheme", url);
  if (std::find(k_schemes.begin(), k_schemes.end(), scheme) == k_schemes.end())
    return invalid("invalid proxy URL scheme (must be https, http, file)", url);
  const bool only_path =
      parts.has_authority && parts.host.empty() && parts.user.empty() && !parts.has_query_or_fragment;
  if (scheme == "file" && !only_path) return invalid("invalid file:// proxy URL with non-path elements", url);
  return {};
}

// An entry that can only be a host and path gets the scheme that everybody means.
std::string with_scheme(std::string_view entry) {
  const bool bare = entry.find_first_of(".:/") != std::string_view::npos &&
                    entry.find(":/") == std::string_view::npos && !entry.starts_with('/');
  return bare ? fmt::format("https://{}", entry) : std::string(entry);
}
}  // namespace

Result<std::vector<ProxyEntry>> parse_goproxy(std::string_view goproxy, std::string_view gonoproxy) {
  using Kind = ProxyEntry::Kind;
  std::vector<ProxyEntry> out;
  if (!gonoproxy.empty() && goproxy != "direct") out.push_back({Kind::noproxy, "", false});
  const bool given = !goproxy.empty();
  const auto implicit = out.size();
  while (!goproxy.empty()) {
    const auto end = std::min(goproxy.find_first_of(",|"), goproxy.size());
    const bool any_error = end < goproxy.size() && goproxy[end] == '|';
    const auto entry = trim(goproxy.substr(0, end));
    goproxy.remove_prefix(std::min(end + 1, goproxy.size()));
    if (entry.empty()) continue;
    if (entry == "off" || entry == "direct") {
      out.push_back({entry == "off" ? Kind::off : Kind::direct, "", any_error});
      break;
    }
    auto url = with_scheme(entry);
    TRY(check_url(url));
    const auto scheme = split_url(url).scheme.size();
    url.replace(0, scheme, lower_ascii(std::string_view(url).substr(0, scheme)));
    out.push_back({Kind::url, std::move(url), any_error});
  }
  if (given && out.size() == implicit)
    return fail(larder::Kind::invalid, "GOPROXY list is not the empty string, but contains no entries");
  return out;
}

std::string redact_url(std::string_view url) {
  const auto parts = split_url(url);
  // A password with a '/' in it makes no URL, and would be taken for a port.
  if (const auto port = bad_port(parts.host); !port.empty() && url.rfind('@') != std::string_view::npos) {
    const auto start = static_cast<std::size_t>(port.data() - url.data()) + 1;
    const auto at = url.rfind('@');
    if (at > start) return fmt::format("{}xxxxx{}", url.substr(0, start), url.substr(at));
  }
  const auto user = parts.user;
  const auto colon = user.find(':');
  if (colon == std::string_view::npos) return std::string(url);
  const auto password = user.substr(colon + 1);
  const auto start = static_cast<std::size_t>(password.data() - url.data());
  return fmt::format("{}xxxxx{}", url.substr(0, start), url.substr(start + password.size()));
}

}  // namespace larder::gomod
