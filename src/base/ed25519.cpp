// SPDX-License-Identifier: Apache-2.0
#include "base/ed25519.hpp"

#include <cstddef>
#include <memory>

#include <openssl/evp.h>

#include "base/late_library.hpp"

namespace larder {

namespace {

constexpr std::size_t k_key_size = 32;
constexpr std::size_t k_signature_size = 64;

// What is used of libcrypto. Linked into the program it would bring 340 KB of tables that the dynamic linker
// relocates at each start (docs/decisions/0031), and most commands check no signature.
struct Crypto {
  decltype(&EVP_PKEY_free) pkey_free = nullptr;
  decltype(&EVP_PKEY_new_raw_private_key) private_key = nullptr;
  decltype(&EVP_PKEY_new_raw_public_key) public_key = nullptr;
  decltype(&EVP_PKEY_get_raw_public_key) raw_public_key = nullptr;
  decltype(&EVP_MD_CTX_new) context_new = nullptr;
  decltype(&EVP_MD_CTX_free) context_free = nullptr;
  decltype(&EVP_DigestSignInit) sign_init = nullptr;
  decltype(&EVP_DigestSign) sign = nullptr;
  decltype(&EVP_DigestVerifyInit) verify_init = nullptr;
  decltype(&EVP_DigestVerify) verify = nullptr;
};

Crypto g_crypto;  // written once, by open()

Result<void> open() {
  auto library = TRY(LateLibrary::open("libcrypto.so.3"));
  library.find(g_crypto.pkey_free, "EVP_PKEY_free");
  library.find(g_crypto.private_key, "EVP_PKEY_new_raw_private_key");
  library.find(g_crypto.public_key, "EVP_PKEY_new_raw_public_key");
  library.find(g_crypto.raw_public_key, "EVP_PKEY_get_raw_public_key");
  library.find(g_crypto.context_new, "EVP_MD_CTX_new");
  library.find(g_crypto.context_free, "EVP_MD_CTX_free");
  library.find(g_crypto.sign_init, "EVP_DigestSignInit");
  library.find(g_crypto.sign, "EVP_DigestSign");
  library.find(g_crypto.verify_init, "EVP_DigestVerifyInit");
  library.find(g_crypto.verify, "EVP_DigestVerify");
  return library.complete();
}

Result<void> open_crypto() {
  static const Result<void> k_opened = open();
  return k_opened;
}

struct PkeyDeleter {
  void operator()(EVP_PKEY* key) const { g_crypto.pkey_free(key); }
};
struct DigestContextDeleter {
  void operator()(EVP_MD_CTX* context) const { g_crypto.context_free(context); }
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
  return Pkey(g_crypto.private_key(EVP_PKEY_ED25519, nullptr, raw(seed), seed.size()));
}

}  // namespace

Result<bool> ed25519_verify(std::string_view public_key, std::string_view message,
                            std::string_view signature) {
  if (public_key.size() != k_key_size || signature.size() != k_signature_size) return false;
  TRY(open_crypto());
  const Pkey key(g_crypto.public_key(EVP_PKEY_ED25519, nullptr, raw(public_key), public_key.size()));
  const DigestContext context(g_crypto.context_new());
  return key && context && g_crypto.verify_init(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         g_crypto.verify(context.get(), raw(signature), signature.size(), raw(message), message.size()) == 1;
}

Result<std::string> ed25519_sign(std::string_view seed, std::string_view message) {
  TRY(open_crypto());
  const Pkey key = private_key(seed);
  const DigestContext context(g_crypto.context_new());
  std::string out(k_signature_size, '\0');
  std::size_t size = out.size();
  if (!key || !context || g_crypto.sign_init(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      g_crypto.sign(context.get(), raw(out), &size, raw(message), message.size()) != 1) {
    return fail(Kind::internal, "signing failed");
  }
  return out;
}

Result<std::string> ed25519_public_key(std::string_view seed) {
  TRY(open_crypto());
  const Pkey key = private_key(seed);
  std::string out(k_key_size, '\0');
  std::size_t size = out.size();
  if (!key || g_crypto.raw_public_key(key.get(), raw(out), &size) != 1) {
    return fail(Kind::internal, "Ed25519 is not available in this OpenSSL");
  }
  return out;
}

}  // namespace larder
