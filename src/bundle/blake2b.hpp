// SPDX-License-Identifier: Apache-2.0
// BLAKE2b (RFC 7693) without a key, for digests of 1 to 64 bytes. OpenSSL 3.0 has only the 64-byte form, and
// minisign's secret key files hold a 32-byte checksum, which is another function, not a prefix.
// Pure. Thread rule: free function.
#pragma once

#include <cstdint>
#include <string>

#include "base/digest.hpp"

namespace larder::bundle {

// `size` raw bytes.
std::string blake2b(Bytes message, std::size_t size);

}  // namespace larder::bundle
