// SPDX-License-Identifier: Apache-2.0
#include "http/url.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace larder::http {

namespace {

constexpr std::size_t k_max_url = 8U << 10U;  // bytes; longer ones are an attack or a mistake
constexpr std::string_view k_hex = "0123456789ABCDEF";

bool is_alpha(char c) {
  const char l = to_lower_ascii(c);
  return l >= 'a' && l <= 'z';
}

bool is_scheme_char(char c) {
  return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
}

// "https" of "https://h/x" and of "https:opaque"; empty where the text has no scheme.
std::string_view scheme_of(std::string_view text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_scheme_char);
  if (end == text.begin() || end == text.end() || *end != ':' || !is_alpha(text.front())) return {};
  return {text.begin(), end};
}

void append_escaped(std::string& out, char c) {
  const auto u = static_cast<unsigned char>(c);
  out += {'%', k_hex[u >> 4U], k_hex[u & 15U]};
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char l = to_lower_ascii(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

Failure parse_failure(std::string_view text, std::string_view reason) {
  return fail(Kind::invalid, "parse " + quote(redact(text)) + ": " + std::string(reason));
}

// Path and query as they go to the wire: bytes that no URL may hold are escaped, others stay as they are.
std::string clean_target(std::string_view target) {
  std::string out = target.starts_with('/') ? "" : "/";
  for (const char c : target) {
    if (static_cast<unsigned char>(c) > ' ' && static_cast<unsigned char>(c) < 0x7f) {
      out += c;
    } else {
      append_escaped(out, c);
    }
  }
  return out;
}

bool valid_name(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
  });
}

bool valid_ip6(std::string_view host) {
  return host.find(':') != std::string_view::npos && std::all_of(host.begin(), host.end(), [](char c) {
           return hex_value(c) >= 0 || c == ':' || c == '.';
         });
}

// host[:port] into url; the reason where it is none.
std::optional<std::string_view> parse_host(std::string_view text, Url& url) {
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return "missing ']' in host";
    url.host = lower_ascii(text.substr(1, end - 1));
    if (!valid_ip6(url.host)) return "invalid host";
    port = text.substr(end + 1);
    if (!port.empty() && port.front() != ':') return "invalid character after host";
    has_port = !port.empty();
    if (has_port) port.remove_prefix(1);
  } else {
    const auto colon = text.find(':');
    has_port = colon != std::string_view::npos;
    if (has_port) port = text.substr(colon + 1);
    url.host = lower_ascii(text.substr(0, colon));
    if (!valid_name(url.host)) return url.host.empty() ? "no host" : "invalid host";
  }
  if (!has_port || port.empty()) return std::nullopt;
  const auto number = parse_uint(port, 65535);
  if (!number || *number == 0) return "invalid port";
  url.port = static_cast<std::uint16_t>(*number);
  return std::nullopt;
}

// user[:password] into url.
std::optional<std::string_view> parse_user_info(std::string_view text, Url& url) {
  const auto colon = text.find(':');
  url.user = percent_decode(text.substr(0, colon));
  if (!url.user) return "invalid userinfo";
  if (colon == std::string_view::npos) return std::nullopt;
  url.password = percent_decode(text.substr(colon + 1));
  if (!url.password) return "invalid userinfo";
  return std::nullopt;
}

// RFC 3986, 5.2.4, on a path that begins with '/'.
std::string remove_dot_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  const auto parts = split(path.substr(1), '/');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size();
    if (parts[i] == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (parts[i] != ".") {
      kept.push_back(parts[i]);
      continue;
    }
    if (last) kept.emplace_back();
  }
  std::string out;
  for (const auto part : kept) out.append("/").append(part);
  return out.empty() ? "/" : out;
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
  if (text.size() > k_max_url) return fail(Kind::invalid, "URL too long: " + std::to_string(text.size()));
  const bool control = std::any_of(text.begin(), text.end(),
                                   [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
  if (control) return parse_failure(text, "invalid control character in URL");
  Url url;
  url.scheme = lower_ascii(scheme_of(text));
  if (url.scheme != "http" && url.scheme != "https") {
    return fail(Kind::invalid, "unsupported protocol scheme " + quote(url.scheme));
  }
  auto rest = text.substr(url.scheme.size() + 1);
  if (!rest.starts_with("//")) return parse_failure(text, "no host");
  rest.remove_prefix(2);
  rest = rest.substr(0, rest.find('#'));
  const auto end = rest.find_first_of("/?");
  auto authority = rest.substr(0, end);
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    if (const auto reason = parse_user_info(authority.substr(0, at), url))
      return parse_failure(text, *reason);
    authority.remove_prefix(at + 1);
  }
  if (const auto reason = parse_host(authority, url)) return parse_failure(text, *reason);
  url.target = clean_target(end == std::string_view::npos ? "" : rest.substr(end));
  return url;
}

Result<Url> Url::resolve(std::string_view location) const {
  if (!scheme_of(location).empty()) {
    Url url = TRY(parse(location));
    return url;
  }
  if (location.starts_with("//")) return parse(scheme + ":" + std::string(location));
  const auto reference = location.substr(0, location.find('#'));
  const auto query = reference.find('?');
  const auto path = reference.substr(0, query);
  const auto tail = query == std::string_view::npos ? "" : reference.substr(query);
  const auto own_path = std::string_view(target).substr(0, target.find('?'));
  std::string merged;
  if (path.empty()) {
    merged = tail.empty() ? target : std::string(own_path) + std::string(tail);
  } else {
    const auto base = path.starts_with('/') ? "" : own_path.substr(0, own_path.rfind('/') + 1);
    merged = remove_dot_segments(std::string(base) + std::string(path)) + std::string(tail);
  }
  return parse(scheme + "://" + authority() + merged);
}

std::uint16_t Url::effective_port() const {
  return port ? *port : static_cast<std::uint16_t>(https() ? 443 : 80);
}

std::string Url::authority() const {
  std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port) out += ":" + std::to_string(*port);
  return out;
}

std::string Url::str() const {
  return scheme + "://" + authority() + target;
}

std::string Url::redacted() const {
  if (!user) return str();
  return scheme + "://" + encode_path(*user) + (password ? ":xxxxx@" : "@") + authority() + target;
}

std::string redact(std::string_view text) {
  std::string out(text);
  const auto start = text.find("://");
  if (start == std::string_view::npos) return out;
  const auto begin = start + 3;
  const auto authority = text.substr(begin, text.find_first_of("/?#", begin) - begin);
  auto at = authority.rfind('@');
  // A password with a '/' in it makes no URL, and would be taken for a port.
  const auto port = authority.starts_with('[') ? std::string_view::npos : authority.find(':');
  const bool odd_port =
      at == std::string_view::npos && port != std::string_view::npos &&
      !std::all_of(authority.begin() + static_cast<std::ptrdiff_t>(port) + 1, authority.end(), is_digit);
  if (odd_port && text.rfind('@') != std::string_view::npos && text.rfind('@') > begin + port)
    return out.replace(begin + port + 1, text.rfind('@') - begin - port - 1, "xxxxx");
  if (at == std::string_view::npos) return out;
  const auto colon = authority.substr(0, at).find(':');
  if (colon == std::string_view::npos) return out;
  out.replace(begin + colon + 1, at - colon - 1, "xxxxx");
  return out;
}

std::string encode_path(std::string_view path) {
  constexpr std::string_view k_kept = "-_.~$&+,/:;=@";
  std::string out;
  out.reserve(path.size() + 8);
  for (const char c : path) {
    if (is_alpha(c) || is_digit(c) || k_kept.find(c) != std::string_view::npos) {
      out += c;
    } else {
      append_escaped(out, c);
    }
  }
  return out;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

}  // namespace larder::http
