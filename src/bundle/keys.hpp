// SPDX-License-Identifier: Apache-2.0
// Signing keys and detached signatures in minisign's file formats: what `minisign` 0.11 writes without a
// password is read here, what is written here is read there. Ed25519 over BLAKE2b-512 ("ED"); plain Ed25519
// ("Ed") is accepted when verifying. Password-protected secret keys are refused with a hint.
//
// Invariants: a SecretKey is wiped when it goes; its public half always belongs to it. Thread rule: values.
// Format: docs/formats/bundle.md, "Keys and signatures".
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "base/result.hpp"

namespace larder::bundle {

class PublicKey {
 public:
  // The text of a .pub file, or its second line alone ("RW…", as people paste it).
  static Result<PublicKey> parse(std::string_view text);
  static Result<PublicKey> read(const std::filesystem::path& path);

  std::string str() const;        // one line of base64, "RW…", 56 characters
  std::string id() const;         // "123456789ABCDEF", as minisign prints it: no leading zeros
  std::string file_text() const;  // a whole .pub file
  friend bool operator==(const PublicKey&, const PublicKey&) = default;

 private:
  friend class SecretKey;
  friend struct SignatureCheck;
  std::array<std::uint8_t, 8> id_{};
  std::array<std::uint8_t, 32> key_{};
};

class SecretKey {
 public:
  static Result<SecretKey> generate();
  static Result<SecretKey> parse(std::string_view text);
  static Result<SecretKey> read(const std::filesystem::path& path);
  ~SecretKey();
  SecretKey(const SecretKey&) = default;
  SecretKey& operator=(const SecretKey&) = default;

  PublicKey public_key() const;
  std::string file_text() const;  // a whole unprotected .key file; the caller keeps it private
  // Refuses to replace a file (Kind::invalid); mode 0600.
  Result<void> write(const std::filesystem::path& path) const;

  // The text of a .minisig file. trusted_comment: one line, part of what is signed.
  Result<std::string> sign(Bytes message, std::string_view trusted_comment) const;

 private:
  SecretKey() = default;
  std::array<std::uint8_t, 8> id_{};
  std::array<std::uint8_t, 32> seed_{};
  std::array<std::uint8_t, 32> public_{};
};

struct Verified {
  PublicKey key;
  std::string trusted_comment;
};

// Checks a .minisig file over `message` with the one of `trusted` that it names. Kind::unverified when it is
// malformed, made by another key, or does not match.
Result<Verified> verify_signature(Bytes message, std::string_view minisig,
                                  std::span<const PublicKey> trusted);

}  // namespace larder::bundle
