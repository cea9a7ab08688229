// SPDX-License-Identifier: Apache-2.0
#include "fetch/server_text.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "base/text.hpp"

namespace larder::fetch {

namespace {

constexpr std::size_t k_max_lines = 8;
constexpr std::size_t k_max_bytes = 648;  // eight lines of a terminal

// text/plain in an encoding whose bytes can be shown as they are.
bool is_plain_text(std::string_view content_type) {
  const auto parts = split(content_type, ';');
  if (lower_ascii(trim(parts[0])) != "text/plain") return false;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto parameter = cut(parts[i], "=");
    if (!parameter || lower_ascii(trim(parameter->first)) != "charset") continue;
    std::string charset = lower_ascii(trim(parameter->second));
    std::erase(charset, '"');
    return charset == "us-ascii" || charset == "utf-8" || charset.empty();
  }
  return true;
}

// No control characters but white space, and none of C1 either (0xc2 0x80 to
// 0xc2 0x9f): they drive terminals.
bool is_printable(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f) return false;
    if (c == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) return false;
  }
  return valid_utf8(text);
}

Kind kind_of_status(int status) {
  if (status == 404 || status == 410) return Kind::not_found;
  if (status == 401 || status == 403 || status == 407) return Kind::forbidden;
  return Kind::unavailable;
}

}  // namespace

std::string error_detail(std::string_view content_type, std::string_view body) {
  if (!is_plain_text(content_type)) return {};
  std::vector<std::string> kept;
  std::size_t bytes = 0;
  for (const auto line : lines(body)) {
    if (trim(line).empty()) break;
    if (kept.size() == k_max_lines) {
      kept.emplace_back("[Truncated: too many lines.]");
      break;
    }
    bytes += line.size() + 1;
    if (bytes > k_max_bytes) {
      kept.emplace_back("[Truncated: too long.]");
      break;
    }
    if (!is_printable(line)) return {};
    kept.emplace_back(line);
  }
  return join(kept, "\n\t");
}

Error reading_error(std::string_view url, const http::Response& response) {
  std::string message = fmt::format("reading {}: {}", url, response.status_line());
  const std::string detail = error_detail(response.header("content-type").value_or(""), response.body);
  if (!detail.empty()) {
    message += "\n\tserver response:";
    message += detail.find('\n') == std::string::npos ? " " : "\n\t";
    message += detail;
  }
  return {kind_of_status(response.status), std::move(message)};
}

}  // namespace larder::fetch
