// SPDX-License-Identifier: Apache-2.0
#include "base/ed25519.hpp"

#include <cstddef>
#include <memory>

#include <openssl/evp.h>

namespace larder {

namespace {

constexpr std::size_t k_key_size = 32;
constexpr std::size_t k_signature_size = 64;

struct PkeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct DigestContextDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Pkey = std::unique_ptr<EVP_PKEY, PkeyDeleter>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, DigestContextDeleter>;

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* raw(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

Pkey private_key(std::string_view seed) {
  return Pkey(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, raw(seed), seed.size()));
}

}  // namespace

bool ed25519_verify(std::string_view public_key, std::string_view message, std::string_view signature) {
  if (public_key.size() != k_key_size || signature.size() != k_signature_size) return false;
  const Pkey key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw(public_key), public_key.size()));
  const DigestContext context(EVP_MD_CTX_new());
  return key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(message), message.size()) == 1;
}

Result<std::string> ed25519_sign(std::string_view seed, std::string_view message) {
  const Pkey key = private_key(seed);
  const DigestContext context(EVP_MD_CTX_new());
  std::string out(k_signature_size, '\0');
  std::size_t size = out.size();
  if (!key || !context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), raw(out), &size, raw(message), message.size()) != 1) {
    return fail(Kind::internal, "signing failed");
  }
  return out;
}

Result<std::string> ed25519_public_key(std::string_view seed) {
  const Pkey key = private_key(seed);
  std::string out(k_key_size, '\0');
  std::size_t size = out.size();
  if (!key || EVP_PKEY_get_raw_public_key(key.get(), raw(out), &size) != 1) {
    return fail(Kind::internal, "Ed25519 is not available in this OpenSSL");
  }
  return out;
}

}  // namespace larder
