// SPDX-License-Identifier: Apache-2.0
// Ed25519 (RFC 8032) through OpenSSL, opened when it is needed, over raw bytes: keys and seeds of 32,
// signatures of 64. The formats around them belong to who uses them. Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace larder {

// false also for a key or signature of another length. Kind::unavailable, here and below: no OpenSSL there.
Result<bool> ed25519_verify(std::string_view public_key, std::string_view message,
                            std::string_view signature);
// Kind::internal where OpenSSL cannot.
Result<std::string> ed25519_sign(std::string_view seed, std::string_view message);
Result<std::string> ed25519_public_key(std::string_view seed);

}  // namespace larder
