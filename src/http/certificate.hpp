// SPDX-License-Identifier: Apache-2.0
// Until when the certificate of an https host is good: a handshake and nothing else. No request is sent, and
// what the host shows is not believed, so it needs no authority either.
// Thread rule: one call, one thread. Decision: docs/decisions/0030-libraries-opened-late.md.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "base/result.hpp"
#include "http/environment.hpp"
#include "http/retry.hpp"

namespace larder::http {

// Seconds since the epoch; of all certificates that the host shows, the one that ends first. Asked through
// the proxy that the URL's requests go through. Kind::invalid: no https URL; unavailable: no handshake within
// `patience`; cancelled.
Result<std::int64_t> certificate_end(const std::string& url, const NetworkSettings& network, Millis patience,
                                     const std::stop_token& stop);

}  // namespace larder::http
