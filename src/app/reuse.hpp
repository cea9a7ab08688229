// SPDX-License-Identifier: Apache-2.0
// `-reuse=old.json` of mod download and list -m: what an earlier run printed. Go reuses an entry where
// version control confirms its origin. Proxies cannot confirm anything, and Larder asks repositories anew:
// such a file must be readable, and changes nothing. Thread rule: free functions. Spec: go-modules.md 10.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace larder::app {

// `text` is a stream of JSON objects that describe modules. Kind::invalid, "parsing FILE: …".
Result<void> check_reuse(const std::string& file, std::string_view text);

}  // namespace larder::app
