// SPDX-License-Identifier: Apache-2.0
#include "fetch/proxy_source.hpp"

#include <string>

#include "fetch/layout.hpp"
#include "fetch/server_text.hpp"
#include "http/url.hpp"

namespace larder::fetch {

namespace {

class ProxyTransport final : public Transport {
 public:
  ProxyTransport(std::string base, const http::Client& client) : base_(std::move(base)), client_(client) {}

  Result<void> read(std::string_view name, std::uint64_t limit, std::string_view too_large, ByteSink& sink,
                    std::stop_token stop) const override {
    http::Request request;
    request.url = base_ + "/" + std::string(name);
    request.body_limit = limit;
    request.too_large = too_large;
    request.sink = &sink;
    const http::Response response = TRY(client_.get(request, std::move(stop)));
    if (response.status != 200) return fail(reading_error(http::redact(request.url), response));
    return {};
  }

  std::string base() const override { return http::redact(base_); }

 private:
  std::string base_;
  const http::Client& client_;
};

}  // namespace

Result<std::unique_ptr<Transport>> open_proxy_transport(std::string_view base, const http::Client& client) {
  TRY(http::Url::parse(base));
  while (base.ends_with('/')) base.remove_suffix(1);
  return std::make_unique<ProxyTransport>(std::string(base), client);
}

Result<std::unique_ptr<ModuleSource>> open_proxy_source(std::string_view base, const http::Client& client) {
  return make_layout_source(TRY(open_proxy_transport(base, client)));
}

}  // namespace larder::fetch
