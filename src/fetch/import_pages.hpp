// SPDX-License-Identifier: Apache-2.0
// The pages that carry go-import tags, over HTTP. Thread rule: any thread. Spec: go-modules.md 5.6, 5.8.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "http/client.hpp"
#include "vcs/repo_root.hpp"

namespace larder::fetch {

class ImportPages final : public vcs::Pages {
 public:
  explicit ImportPages(const http::Client& client) : client_(client) {}

  Result<vcs::Page> get(std::string_view path, bool insecure, std::stop_token stop) const override;
  // Does the server say that there is nothing at this URL (404, 410)?
  bool is_absent(const std::string& url, std::stop_token stop) const;

 private:
  Result<vcs::Page> fetch(const std::string& url, bool insecure, std::stop_token stop) const;

  const http::Client& client_;
};

}  // namespace larder::fetch
