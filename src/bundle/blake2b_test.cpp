// SPDX-License-Identifier: Apache-2.0
#include "bundle/blake2b.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>

namespace larder::bundle {
namespace {

std::string openssl_blake2b_512(std::string_view text) {
  std::string out(64, '\0');
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(out.data()), &size, EVP_blake2b512(),
             nullptr);
  return out;
}

TEST(Blake2b, EqualsOpensslAtEveryLengthAroundABlock) {
  std::string text;
  for (int i = 0; i <= 520; ++i) {
    EXPECT_EQ(blake2b(as_bytes(text), 64), openssl_blake2b_512(text)) << i;
    text += static_cast<char>(i * 7 + 1);
  }
}

TEST(Blake2b, ShorterDigestIsAnotherFunction) {
  // Published BLAKE2b-256 of the empty message.
  EXPECT_EQ(hex_encode(as_bytes(blake2b({}, 32))),
            "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
  EXPECT_NE(blake2b({}, 32), blake2b({}, 64).substr(0, 32));
}

}  // namespace
}  // namespace larder::bundle
