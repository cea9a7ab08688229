// SPDX-License-Identifier: Apache-2.0
#include "base/ed25519.hpp"

#include <gtest/gtest.h>

#include "base/digest.hpp"

namespace larder {
namespace {

std::string unhex(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    out += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  }
  return out;
}

// RFC 8032, 7.1, TEST 2.
const std::string k_seed = unhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
const std::string k_public = unhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
const std::string k_signature = unhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");

TEST(Ed25519, vector_of_the_rfc) {
  EXPECT_EQ(ed25519_public_key(k_seed).value(), k_public);
  EXPECT_EQ(ed25519_sign(k_seed, "\x72").value(), k_signature);
  EXPECT_TRUE(ed25519_verify(k_public, "\x72", k_signature).value());
}

TEST(Ed25519, refuses_what_differs) {
  auto flipped = k_signature;
  flipped[10] = static_cast<char>(flipped[10] ^ 1);
  EXPECT_FALSE(ed25519_verify(k_public, "\x72", flipped).value());
  EXPECT_FALSE(ed25519_verify(k_public, "\x73", k_signature).value());
  EXPECT_FALSE(ed25519_verify(k_seed, "\x72", k_signature).value());
  EXPECT_FALSE(ed25519_verify(k_public, "\x72", k_signature.substr(1)).value());
  EXPECT_FALSE(ed25519_verify(k_public.substr(1), "\x72", k_signature).value());
  EXPECT_FALSE(ed25519_verify("", "", "").value());
}

TEST(Ed25519, a_seed_of_another_length) {
  EXPECT_EQ(ed25519_sign("short", "x").error().kind(), Kind::internal);
  EXPECT_EQ(ed25519_public_key("short").error().kind(), Kind::internal);
}

}  // namespace
}  // namespace larder
