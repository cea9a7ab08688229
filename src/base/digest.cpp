// SPDX-License-Identifier: Apache-2.0
#include "base/digest.hpp"

#include <algorithm>
#include <utility>

// The functions of SHA-256 itself, which OpenSSL 3 calls deprecated: finding the same code through EVP makes
// it read its configuration and set up its providers, 1.2 ms of the 5 that `list -m` takes.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "base/result.hpp"

#ifdef LARDER_LATE_CPUID
// cmake/static_parts.cmake has the linker put the second where libcrypto calls the first, which is before
// main.
extern "C" {
void __real_OPENSSL_cpuid_setup();  // NOLINT(bugprone-reserved-identifier): the linker's word
void __wrap_OPENSSL_cpuid_setup();  // NOLINT(bugprone-reserved-identifier)
void __wrap_OPENSSL_cpuid_setup() {}
}
#endif

namespace larder {

namespace {

constexpr std::string_view k_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// libcrypto learns what the processor can do when something is hashed, not at each start: on a virtual
// machine each of these questions takes as long as hashing some kilobytes.
void ask_processor() {
#ifdef LARDER_LATE_CPUID
  static const bool asked = [] {
    __real_OPENSSL_cpuid_setup();
    return true;
  }();
  static_cast<void>(asked);
#endif
}

SHA256_CTX* context(void* p) {
  return static_cast<SHA256_CTX*>(p);
}

std::string hex_of(std::span<const std::uint8_t> data) {
  constexpr std::string_view k_digits = "0123456789abcdef";
  std::string out;
  out.reserve(data.size() * 2);
  for (const auto b : data) {
    out += k_digits[b >> 4U];
    out += k_digits[b & 15U];
  }
  return out;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::array<std::int16_t, 256> make_decode_table() {
  std::array<std::int16_t, 256> table{};
  table.fill(-1);
  for (std::size_t i = 0; i < k_alphabet.size(); ++i) {
    table.at(static_cast<unsigned char>(k_alphabet[i])) = static_cast<std::int16_t>(i);
  }
  return table;
}

}  // namespace

std::string Digest::hex() const {
  return hex_of(bytes);
}

std::string Digest::base64() const {
  return base64_encode(std::as_bytes(std::span(bytes)));
}

std::optional<Digest> Digest::from_hex(std::string_view text) {
  if (text.size() != 64) return std::nullopt;
  Digest out;
  for (std::size_t i = 0; i < 32; ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.bytes.at(i) = static_cast<std::uint8_t>(high * 16 + low);
  }
  return out;
}

std::optional<Digest> Digest::from_base64(std::string_view text) {
  const auto raw = base64_decode(text);
  if (!raw || raw->size() != 32) return std::nullopt;
  Digest out;
  std::copy(raw->begin(), raw->end(), out.bytes.begin());
  return out;
}

Sha256::Sha256() : context_(new SHA256_CTX) {
  ask_processor();
  LARDER_ASSERT(SHA256_Init(context(context_)) == 1);
}

Sha256::~Sha256() {
  delete context(context_);
}

Sha256::Sha256(Sha256&& other) noexcept : context_(std::exchange(other.context_, nullptr)) {}

Sha256& Sha256::operator=(Sha256&& other) noexcept {
  std::swap(context_, other.context_);
  return *this;
}

void Sha256::update(Bytes data) {
  LARDER_ASSERT(SHA256_Update(context(context_), data.data(), data.size()) == 1);
}

Digest Sha256::finish() {
  Digest out;
  LARDER_ASSERT(SHA256_Final(out.bytes.data(), context(context_)) == 1);
  LARDER_ASSERT(SHA256_Init(context(context_)) == 1);
  return out;
}

Digest sha256(Bytes data) {
  thread_local Sha256 hasher;
  hasher.update(data);
  return hasher.finish();
}

std::string hex_encode(Bytes data) {
  return hex_of({reinterpret_cast<const std::uint8_t*>(data.data()), data.size()});
}

std::string base64_encode(Bytes data) {
  std::string out;
  out.reserve((data.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < data.size(); i += 3) {
    const auto at = [&](std::size_t k) {
      return i + k < data.size() ? std::to_integer<unsigned>(data[i + k]) : 0U;
    };
    const unsigned word = at(0) << 16U | at(1) << 8U | at(2);
    for (unsigned k = 0; k < 4; ++k) {
      out += i + k > data.size() ? '=' : k_alphabet[word >> (18U - 6U * k) & 63U];
    }
  }
  return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
  static const auto table = make_decode_table();
  if (text.size() % 4 != 0) return std::nullopt;
  std::string_view body = text;
  while (!body.empty() && body.back() == '=' && text.size() - body.size() < 2) body.remove_suffix(1);
  std::string out;
  out.reserve(body.size() * 3 / 4);
  unsigned word = 0;
  unsigned bits = 0;
  for (const char c : body) {
    const int value = table.at(static_cast<unsigned char>(c));
    if (value < 0) return std::nullopt;
    word = word << 6U | static_cast<unsigned>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>(word >> bits & 255U);
    }
  }
  if ((word & ((1U << bits) - 1)) != 0) return std::nullopt;
  return out;
}

}  // namespace larder
