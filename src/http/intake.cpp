// SPDX-License-Identifier: Apache-2.0
#include "http/intake.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "http/url.hpp"

namespace larder::http {

namespace {

std::optional<std::uint64_t> content_length(const Headers& headers) {
  const auto value = find_header(headers, "content-length");
  return value ? parse_uint(*value) : std::nullopt;
}

std::string validator_of(const Headers& headers) {
  const auto encoding = find_header(headers, "content-encoding");
  if (encoding && *encoding != "identity") return {};
  if (const auto etag = find_header(headers, "etag"); etag && etag->starts_with('"'))
    return std::string(*etag);
  return std::string(find_header(headers, "last-modified").value_or(""));
}

// "bytes 10-99/100" continues at `offset` a body of `total` bytes.
bool continues(std::string_view content_range, const Progress& progress) {
  const auto unit = cut(content_range, " ");
  const auto size = unit && unit->first == "bytes" ? cut(unit->second, "/") : std::nullopt;
  const auto range = size ? cut(size->first, "-") : std::nullopt;
  if (!range) return false;
  return parse_uint(range->first) == progress.offset && parse_uint(size->second) == progress.total &&
         parse_uint(range->second) == *progress.total - 1;
}

}  // namespace

Result<bool> Intake::head(const Head& head) {
  head_ = head;
  if (head.status == 200) return begin_whole();
  if (head.status == 206 && asked_for_rest_) {
    content_ = continues(find_header(head.headers, "content-range").value_or(""), progress_);
    mismatch_ = !content_;
    return content_;
  }
  return true;
}

Result<bool> Intake::body(Bytes data) {
  if (!content_) {
    const auto room = request_.error_body_limit - error_body_.size();
    error_body_.append(as_text(data).substr(0, room));
    return error_body_.size() < request_.error_body_limit;
  }
  if (data.size() > request_.body_limit - std::min(progress_.offset, request_.body_limit)) return too_large();
  TRY(sink_.write(data));
  progress_.offset += data.size();
  moved_ = true;
  return true;
}

Result<bool> Intake::begin_whole() {
  content_ = true;
  if (progress_.offset > 0) TRY(sink_.restart());
  progress_ = {0, content_length(head_.headers), validator_of(head_.headers)};
  if (progress_.total && *progress_.total > request_.body_limit) return too_large();
  return true;
}

Result<bool> Intake::too_large() const {
  if (!request_.too_large.empty()) return fail(Kind::invalid, request_.too_large);
  return fail(Kind::invalid, "reading " + redact(request_.url) + ": response body too large (limit " +
                                 std::to_string(request_.body_limit) + " bytes)");
}

}  // namespace larder::http
