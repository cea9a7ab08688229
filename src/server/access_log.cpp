// SPDX-License-Identifier: Apache-2.0
#include "server/access_log.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace larder::server {

namespace {

// Printable ASCII that cannot be mistaken for the end of the value or the start of a quoted one.
bool is_plain(std::string_view value) {
  return !value.empty() && std::all_of(value.begin(), value.end(),
                                       [](char c) { return c > ' ' && c < 0x7F && c != '"' && c != '\\'; });
}

// Bytes outside printable ASCII become \xNN, also valid UTF-8: some terminals obey U+0080 to U+009F.
std::string in_quotes(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (c >= ' ' && c < 0x7F) {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return out + '"';
}

std::string shown(std::string_view value) {
  return is_plain(value) ? std::string(value) : in_quotes(value);
}

}  // namespace

std::string access_line(const AccessRecord& record) {
  auto line = fmt::format("remote={} method={} path={} route={} status={} bytes={} duration_us={}",
                          shown(record.remote), shown(record.method), shown(record.target),
                          shown(record.route), record.status, record.bytes, record.duration.count());
  if (!record.complete) line += " cut=true";
  if (!record.error.empty()) fmt::format_to(std::back_inserter(line), " error={}", in_quotes(record.error));
  return line;
}

}  // namespace larder::server
