// SPDX-License-Identifier: Apache-2.0
// Commit times as pseudo-versions and .info write them. Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace larder::vcs {

// Seconds since 1970 as "20240102030405"; nullopt outside of the years 0 to 9999.
std::optional<std::string> utc_digits(std::int64_t seconds);
// "2024-01-02T03:04:05Z"
std::optional<std::string> utc_rfc3339(std::int64_t seconds);

}  // namespace larder::vcs
