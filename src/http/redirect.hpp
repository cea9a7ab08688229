// SPDX-License-Identifier: Apache-2.0
// Where a redirect leads, or why it is not followed. Thread rule: pure functions. Spec: go-modules.md 5.2.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "http/url.hpp"

namespace larder::http {

bool is_redirect(int status);

struct RedirectRules {
  unsigned limit;                // requests for one answer
  bool may_be_insecure = false;  // https may lead to http
};

// made: requests so far, the one that was answered included. Errors are Kind::invalid, go's texts:
// `Get "LOCATION": stopped after 10 redirects`, `… redirected from secure URL A to insecure URL B`.
// The result never holds user info: a Location must not choose credentials.
Result<Url> redirect_target(const Url& from, std::string_view location, unsigned made, RedirectRules rules);

}  // namespace larder::http
