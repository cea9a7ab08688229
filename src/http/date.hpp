// SPDX-License-Identifier: Apache-2.0
// Dates of HTTP headers: "Tue, 02 Jan 2024 03:04:05 GMT". Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace larder::http {

// Seconds since the epoch; nullopt where it is no date of that form. The two obsolete forms are not
// understood.
std::optional<std::int64_t> parse_http_date(std::string_view text);

}  // namespace larder::http
