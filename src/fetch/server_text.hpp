// SPDX-License-Identifier: Apache-2.0
// What a user is shown of an answer that is not 200: the status, and the server's own words where they are
// plain text. Thread rule: pure functions. Spec: go-modules.md 5.2 ("Error body").
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/client.hpp"

namespace larder::fetch {

// `reading URL: 404 Not Found`, then the server's text; Kind from the status.
Error reading_error(std::string_view url, const http::Response& response);

// At most 8 lines and 648 bytes, up to the first blank line; "" where the body is not for people.
std::string error_detail(std::string_view content_type, std::string_view body);

}  // namespace larder::fetch
