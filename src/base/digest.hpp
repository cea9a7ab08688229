// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4) through OpenSSL, and the text forms of digests. No provider is set up for
// it, which would cost more than most commands hash. Thread rule: a Sha256 object belongs to one thread;
// everything else is free to share.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace larder {

using Bytes = std::span<const std::byte>;

inline Bytes as_bytes(std::string_view s) {
  return {reinterpret_cast<const std::byte*>(s.data()), s.size()};
}
inline std::string_view as_text(Bytes b) {
  return {reinterpret_cast<const char*>(b.data()), b.size()};
}

// 32 bytes, ordered bytewise.
struct Digest {
  std::array<std::uint8_t, 32> bytes{};

  std::string hex() const;     // 64 lower-case digits
  std::string base64() const;  // 44 characters, padded
  static std::optional<Digest> from_hex(std::string_view text);
  static std::optional<Digest> from_base64(std::string_view text);
  friend auto operator<=>(const Digest&, const Digest&) = default;
};

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&& other) noexcept;
  Sha256& operator=(Sha256&& other) noexcept;
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(Bytes data);
  void update(std::string_view data) { update(as_bytes(data)); }
  // The digest of all updates; the object is then ready for a new message.
  Digest finish();

 private:
  void* context_;  // SHA256_CTX
};

Digest sha256(Bytes data);
inline Digest sha256(std::string_view data) {
  return sha256(as_bytes(data));
}

std::string hex_encode(Bytes data);
std::string base64_encode(Bytes data);  // RFC 4648 section 4, padded
// Strict: padding required, no white space, canonical trailing bits. nullopt otherwise.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace larder

template <>
struct std::hash<larder::Digest> {
  std::size_t operator()(const larder::Digest& d) const noexcept {
    std::size_t h = 0;
    for (std::size_t i = 0; i < sizeof h; ++i) h = h << 8U | d.bytes.at(i);
    return h;
  }
};
