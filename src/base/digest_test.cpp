// SPDX-License-Identifier: Apache-2.0
#include "base/digest.hpp"

#include <gtest/gtest.h>

namespace larder {
namespace {

TEST(Digest, sha256_vectors) {  // FIPS 180-4 examples
  EXPECT_EQ(sha256("").hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc").hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, incremental_equals_one_shot_and_object_is_reusable) {
  Sha256 hasher;
  for (int round = 0; round < 2; ++round) {
    hasher.update("a");
    hasher.update("bc");
    EXPECT_EQ(hasher.finish(), sha256("abc"));
  }
}

TEST(Digest, text_forms_are_inverses) {
  const Digest d = sha256("x");
  EXPECT_EQ(Digest::from_hex(d.hex()), d);
  EXPECT_EQ(Digest::from_base64(d.base64()), d);
  EXPECT_FALSE(Digest::from_hex(d.hex().substr(1)));
  EXPECT_FALSE(Digest::from_base64("AAAA"));
}

TEST(Base64, rfc4648_vectors) {
  const std::pair<std::string_view, std::string_view> rows[] = {{"", ""},
                                                                {"f", "Zg=="},
                                                                {"fo", "Zm8="},
                                                                {"foo", "Zm9v"},
                                                                {"foob", "Zm9vYg=="},
                                                                {"fooba", "Zm9vYmE="},
                                                                {"foobar", "Zm9vYmFy"}};
  for (const auto& [raw, text] : rows) {
    EXPECT_EQ(base64_encode(as_bytes(raw)), text);
    EXPECT_EQ(base64_decode(text), raw);
  }
}

TEST(Base64, decode_is_strict) {
  for (const auto* bad : {"Zg", "Zg=", "Zh==", "Z===", "Zm 9v", "Zm9v\n", "====", "Zg==Zg=="}) {
    EXPECT_FALSE(base64_decode(bad)) << bad;
  }
}

}  // namespace
}  // namespace larder
