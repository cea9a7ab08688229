// SPDX-License-Identifier: Apache-2.0
// Signed notes: a text and Ed25519 signatures under it, as the checksum database signs its tree heads.
// Invariant: text that open_note hands out was signed by the key it was called with, every byte of it.
// Thread rule: values, pure functions. Spec: go-modules.md 6.1.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace larder::sumdb {

// "NAME+HASH+BASE64": the hash is over name and key, so a key cannot be passed off under another name.
class VerifierKey {
 public:
  // Kind::invalid with go's words: "malformed verifier id", "invalid verifier hash", "unknown verifier
  // algorithm".
  static Result<VerifierKey> parse(std::string_view text);
  // public_key: 32 bytes.
  static Result<VerifierKey> make(std::string_view name, std::string_view public_key);

  const std::string& name() const { return name_; }
  std::uint32_t hash() const { return hash_; }
  std::string id() const;   // "NAME+HASH"
  std::string str() const;  // parse() reads it
  Result<bool> verifies(std::string_view message, std::string_view signature) const;

  friend bool operator==(const VerifierKey&, const VerifierKey&) = default;

 private:
  VerifierKey(std::string name, std::uint32_t hash, std::string key)
      : name_(std::move(name)), hash_(hash), key_(std::move(key)) {}
  std::string name_;
  std::uint32_t hash_;
  std::string key_;
};

// Not empty, UTF-8, without space and '+'.
bool valid_key_name(std::string_view name);

// The text of the note with its last newline, a view into message. At most 100 signatures are looked at.
// Kind::invalid: "malformed note". Kind::unverified: "invalid signature for key NAME+HASH", "note has no
// verifiable signatures".
Result<std::string_view> open_note(std::string_view message, const VerifierKey& key);

// text must end in a newline. seed: 32 bytes, whose public half is the key's.
Result<std::string> sign_note(std::string_view text, const VerifierKey& key, std::string_view seed);

}  // namespace larder::sumdb
