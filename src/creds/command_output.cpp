// SPDX-License-Identifier: Apache-2.0
#include "creds/command_output.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "http/url.hpp"

namespace larder::creds {

namespace {

constexpr std::string_view k_token_marks = "!#$%&'*+-.^_`|~";

bool is_token_char(char c) {
  return is_digit(c) || (to_lower_ascii(c) >= 'a' && to_lower_ascii(c) <= 'z') ||
         k_token_marks.find(c) != std::string_view::npos;
}

bool is_header_value(std::string_view value) {
  return std::ranges::none_of(value, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

// Is it one that a request can be sent to, or at least a path?
bool is_request_uri(std::string_view text) {
  return http::Url::parse(text).has_value() || (text.starts_with('/') && is_header_value(text));
}

class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  bool at_end() const { return rest_.empty(); }
  std::size_t number() const { return number_; }  // of the line taken last
  // nullopt: no line end is left.
  std::optional<std::string_view> take() {
    const auto parts = cut(rest_, "\n");
    if (!parts) return std::nullopt;
    ++number_;
    rest_ = parts->second;
    return parts->first;
  }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

Result<std::vector<std::string>> parse_urls(Lines& lines) {
  std::vector<std::string> out;
  while (true) {
    const auto line = lines.take();
    if (!line) return fail(Kind::invalid, "invalid format: missing empty line after URLs");
    if (line->empty()) return out;
    if (!is_request_uri(*line))
      return fail(Kind::invalid, fmt::format("could not parse URL in line {}", lines.number()));
    out.emplace_back(*line);
  }
}

Result<http::Headers> parse_headers(Lines& lines) {
  http::Headers out;
  while (true) {
    const auto line = lines.take();
    if (!line) return fail(Kind::invalid, "invalid format: missing empty line after headers");
    if (line->empty()) return out;
    const auto parts = cut(*line, ": ");
    const auto value = parts ? trim(parts->second) : std::string_view();
    if (!parts || !is_header_name(parts->first) || !is_header_value(value))
      return fail(Kind::invalid, "invalid format: invalid header line");
    out.emplace_back(canonical_header_name(parts->first), value);
  }
}

}  // namespace

Result<std::vector<Grant>> parse_command_output(std::string_view text) {
  std::vector<Grant> out;
  Lines lines(text);
  while (!lines.at_end()) {
    const auto urls = TRY(parse_urls(lines));
    const auto headers = TRY(parse_headers(lines));
    for (const auto& url : urls) out.push_back({url, headers});
  }
  return out;
}

bool is_header_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, is_token_char);
}

std::string canonical_header_name(std::string_view name) {
  std::string out = lower_ascii(name);
  bool begins = true;
  for (char& c : out) {
    if (begins && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    begins = c == '-';
  }
  return out;
}

GitCredential parse_git_credential(std::string_view text) {
  GitCredential out;
  std::string scheme;
  std::string host;
  std::string path;
  for (const auto line : lines(text)) {
    const auto parts = cut(trim(line), "=");
    if (!parts) continue;
    const auto& [key, value] = *parts;
    if (key == "protocol") scheme = value;
    if (key == "host") host = value;
    if (key == "path") path = value;
    if (key == "username") out.user = value;
    if (key == "password") out.password = value;
    if (key != "url") continue;
    if (const auto url = http::Url::parse(value)) {
      scheme = url->scheme;
      host = url->authority();
      path = url->target;
    }
  }
  if (scheme.empty() || host.empty()) return out;
  const bool absolute = path.empty() || path.starts_with('/');
  out.prefix = fmt::format("{}://{}{}{}", scheme, host, absolute ? "" : "/", path);
  return out;
}

http::Headers basic_authorization(std::string_view user, std::string_view password) {
  const auto both = fmt::format("{}:{}", user, password);
  return {{"Authorization", "Basic " + base64_encode(as_bytes(both))}};
}

}  // namespace larder::creds
