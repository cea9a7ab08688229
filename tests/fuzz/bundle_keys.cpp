// SPDX-License-Identifier: Apache-2.0
// Keys and signatures from outside: a key that is accepted prints as it was read; no text is a signature of a
// key that never signed.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "bundle/keys.hpp"

using namespace larder;
using namespace larder::bundle;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto k_key = SecretKey::generate();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto key = PublicKey::parse(text)) {
    const auto again = PublicKey::parse(key->file_text());
    if (!again || *again != *key) std::abort();
  }
  if (const auto key = SecretKey::parse(text)) {
    const auto again = SecretKey::parse(key->file_text());
    if (!again || again->public_key() != key->public_key()) std::abort();
  }
  const std::array trusted = {k_key->public_key()};
  if (verify_signature(as_bytes("content"), text, trusted)) std::abort();
  return 0;
}
