// SPDX-License-Identifier: Apache-2.0
#include "fetch/proxy_source.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/text.hpp"
#include "fetch/layout.hpp"
#include "fetch/server_text.hpp"
#include "http/url.hpp"

namespace larder::fetch {

namespace {

// A path without empty, "." and ".." elements: "/a/b", or "".
std::string clean_path(std::string_view path) {
  std::vector<std::string_view> kept;
  for (const auto element : split(path, '/')) {
    if (element == ".." && !kept.empty()) kept.pop_back();
    if (!element.empty() && element != "." && element != "..") kept.push_back(element);
  }
  std::string out;
  for (const auto element : kept) out.append("/").append(element);
  return out;
}

// A URL that paths are put behind the path of: a query stays where it is, behind all of it.
struct Base {
  std::string before;  // "https://host/a"
  std::string behind;  // "?query#fragment", or ""

  static Base of(std::string_view url) {
    const auto tail = std::min(url.find_first_of("?#"), url.size());
    const auto host = url.find("://") + 3;
    const auto path = std::min(url.find('/', host), tail);
    return {std::string(url.substr(0, path)) + clean_path(url.substr(path, tail - path)),
            std::string(url.substr(tail))};
  }
  std::string with(std::string_view name) const { return fmt::format("{}/{}{}", before, name, behind); }
};

class ProxyTransport final : public Transport {
 public:
  ProxyTransport(Base base, const http::Client& client) : base_(std::move(base)), client_(client) {}

  Result<void> read(std::string_view name, std::uint64_t limit, std::string_view too_large, ByteSink& sink,
                    std::stop_token stop) const override {
    http::Request request;
    request.url = base_.with(name);
    request.body_limit = limit;
    request.too_large = too_large;
    request.sink = &sink;
    const http::Response response = TRY(client_.get(request, std::move(stop)));
    if (response.status != 200) return fail(reading_error(http::redact(request.url), response));
    return {};
  }

  std::vector<Result<std::string>> read_all(const std::vector<std::string>& names, std::uint64_t limit,
                                            std::stop_token stop) const override {
    std::vector<http::Request> requests(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
      requests[i].url = base_.with(names[i]);
      requests[i].body_limit = limit;
    }
    auto responses = client_.get_all(requests, std::move(stop));
    std::vector<Result<std::string>> out;
    for (std::size_t i = 0; i < names.size(); ++i) {
      auto& response = responses[i];
      if (!response) {
        out.emplace_back(fail(std::move(response).error()));
      } else if (response->status != 200) {
        out.emplace_back(fail(reading_error(http::redact(requests[i].url), *response)));
      } else {
        out.emplace_back(std::move(response->body));
      }
    }
    return out;
  }

  std::string base() const override { return http::redact(base_.before + base_.behind); }

 private:
  Base base_;
  const http::Client& client_;
};

}  // namespace

Result<std::unique_ptr<Transport>> open_proxy_transport(std::string_view base, const http::Client& client) {
  TRY(http::Url::parse(base));
  return std::make_unique<ProxyTransport>(Base::of(base), client);
}

Result<std::unique_ptr<ModuleSource>> open_proxy_source(std::string_view base, const http::Client& client) {
  return make_layout_source(TRY(open_proxy_transport(base, client)));
}

}  // namespace larder::fetch
