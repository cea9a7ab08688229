// SPDX-License-Identifier: Apache-2.0
#include "fetch/import_pages.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

#include "fetch/server_text.hpp"
#include "http/url.hpp"
#include "vcs/meta.hpp"

namespace larder::fetch {

namespace {

// Takes the beginning of a body and then ends the transfer.
class Beginning final : public http::ByteSink {
 public:
  explicit Beginning(std::size_t limit) : limit_(limit) {}
  Result<void> write(Bytes data) override {
    text_.append(as_text(data.first(std::min(data.size(), limit_ - text_.size()))));
    if (text_.size() < limit_) return {};
    return fail(Kind::internal, "enough");
  }
  Result<void> restart() override {
    text_.clear();
    return {};
  }
  bool full() const { return text_.size() >= limit_; }
  std::string take() { return std::move(text_); }

 private:
  std::size_t limit_;
  std::string text_;
};

http::Request request_for(const std::string& url, bool insecure) {
  http::Request request;
  request.url = url;
  request.insecure = insecure;
  request.body_limit = std::numeric_limits<std::int64_t>::max();  // the sink has its own
  return request;
}

}  // namespace

Result<vcs::Page> ImportPages::fetch(const std::string& url, bool insecure, std::stop_token stop) const {
  Beginning beginning(vcs::k_max_page);
  http::Request request = request_for(url, insecure);
  request.sink = &beginning;
  request.error_body_limit = vcs::k_max_page;  // a tag counts whatever the status is
  auto response = client_.get(request, std::move(stop));
  vcs::Page page;
  page.url = http::redact(url);
  if (response && response->status != 200) {
    page.text = response->body;
    page.status_error = reading_error(page.url, *response);
    return page;
  }
  if (!response && !beginning.full()) return fail(std::move(response).error());
  page.text = beginning.take();
  return page;
}

Result<vcs::Page> ImportPages::get(std::string_view path, bool insecure, std::stop_token stop) const {
  const bool bare = path.find('/') == std::string_view::npos;
  const std::string rest = "://" + std::string(path) + (bare ? "/" : "") + "?go-get=1";
  auto page = fetch("https" + rest, insecure, stop);
  if (page || !insecure || page.error().kind() == Kind::cancelled) return page;
  return fetch("http" + rest, insecure, stop);
}

bool ImportPages::is_absent(const std::string& url, std::stop_token stop) const {
  Beginning beginning(1);
  http::Request request = request_for(url, false);
  request.sink = &beginning;
  const auto response = client_.get(request, std::move(stop));
  return response && (response->status == 404 || response->status == 410);
}

}  // namespace larder::fetch
