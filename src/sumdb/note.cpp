// SPDX-License-Identifier: Apache-2.0
#include "sumdb/note.hpp"

#include <optional>

#include <fmt/format.h>

#include "base/digest.hpp"
#include "base/ed25519.hpp"
#include "base/text.hpp"
#include "gomod/unicode.hpp"

namespace larder::sumdb {

namespace {

constexpr char k_ed25519 = 1;  // the algorithm byte before the key
constexpr std::size_t k_key_size = 32;
constexpr std::size_t k_hash_size = 4;
constexpr unsigned k_max_signatures = 100;
constexpr std::string_view k_signature_prefix = "\u2014 ";

Failure malformed_note() {
  return fail(Kind::invalid, "malformed note");
}

// key: with its algorithm byte.
std::uint32_t key_hash(std::string_view name, std::string_view key) {
  const Digest digest = sha256(std::string(name) + "\n" + std::string(key));
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < k_hash_size; ++i) out = out << 8U | digest.bytes.at(i);
  return out;
}

std::optional<std::uint32_t> parse_hash(std::string_view text) {
  if (text.size() != 2 * k_hash_size) return std::nullopt;
  std::uint32_t out = 0;
  for (const char c : text) {
    const char lower = to_lower_ascii(c);
    if (!is_digit(lower) && (lower < 'a' || lower > 'f')) return std::nullopt;
    out = out << 4U | static_cast<std::uint32_t>(is_digit(lower) ? lower - '0' : lower - 'a' + 10);
  }
  return out;
}

bool is_note_text(std::string_view message) {
  for (const char c : message) {
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n') return false;
  }
  return valid_utf8(message);
}

struct Signature {
  std::string_view name;
  std::uint32_t hash = 0;
  std::string bytes;
};

std::optional<Signature> parse_signature(std::string_view line) {
  if (!line.starts_with(k_signature_prefix)) return std::nullopt;
  const auto parts = cut(line.substr(k_signature_prefix.size()), " ");
  if (!parts || !valid_key_name(parts->first)) return std::nullopt;
  const auto raw = base64_decode(parts->second);
  if (!raw || raw->size() <= k_hash_size) return std::nullopt;
  Signature out{parts->first, 0, raw->substr(k_hash_size)};
  for (std::size_t i = 0; i < k_hash_size; ++i) {
    out.hash = out.hash << 8U | static_cast<unsigned char>((*raw)[i]);
  }
  return out;
}

}  // namespace

bool valid_key_name(std::string_view name) {
  if (name.empty() || !valid_utf8(name)) return false;
  for (std::size_t at = 0; at < name.size();) {
    const auto rune = gomod::decode_rune(name, at);
    if (rune.value == U'+' || gomod::is_space(rune.value)) return false;
    at += rune.size;
  }
  return true;
}

Result<VerifierKey> VerifierKey::parse(std::string_view text) {
  const auto malformed = [] { return fail(Kind::invalid, "malformed verifier id"); };
  const auto name = cut(text, "+");
  const auto rest = name ? cut(name->second, "+") : std::nullopt;
  if (!rest) return malformed();
  const auto hash = parse_hash(rest->first);
  const auto key = base64_decode(rest->second);
  if (!hash || !key || !valid_key_name(name->first) || key->empty()) return malformed();
  if (*hash != key_hash(name->first, *key)) return fail(Kind::invalid, "invalid verifier hash");
  if (key->front() != k_ed25519) return fail(Kind::invalid, "unknown verifier algorithm");
  if (key->size() != 1 + k_key_size) return malformed();
  return VerifierKey(std::string(name->first), *hash, key->substr(1));
}

Result<VerifierKey> VerifierKey::make(std::string_view name, std::string_view public_key) {
  if (!valid_key_name(name) || public_key.size() != k_key_size) {
    return fail(Kind::invalid, "malformed verifier id");
  }
  const auto hash = key_hash(name, k_ed25519 + std::string(public_key));
  return VerifierKey(std::string(name), hash, std::string(public_key));
}

std::string VerifierKey::id() const {
  return fmt::format("{}+{:08x}", name_, hash_);
}

std::string VerifierKey::str() const {
  return id() + "+" + base64_encode(as_bytes(k_ed25519 + key_));
}

Result<bool> VerifierKey::verifies(std::string_view message, std::string_view signature) const {
  return ed25519_verify(key_, message, signature);
}

Result<std::string_view> open_note(std::string_view message, const VerifierKey& key) {
  const auto split = message.rfind("\n\n");
  if (!is_note_text(message) || split == message.npos) return malformed_note();
  const auto text = message.substr(0, split + 1);
  const auto block = message.substr(split + 2);
  if (block.empty() || block.back() != '\n') return malformed_note();
  bool verified = false;
  unsigned count = 0;
  for (const auto line : lines(block)) {
    const auto signature = parse_signature(line);
    if (!signature || ++count > k_max_signatures) return malformed_note();
    if (verified || signature->name != key.name() || signature->hash != key.hash()) continue;
    if (!TRY(key.verifies(text, signature->bytes))) {
      return fail(Kind::unverified, "invalid signature for key " + key.id());
    }
    verified = true;
  }
  if (!verified) return fail(Kind::unverified, "note has no verifiable signatures");
  return text;
}

Result<std::string> sign_note(std::string_view text, const VerifierKey& key, std::string_view seed) {
  if (!text.ends_with('\n') || !is_note_text(text)) return malformed_note();
  std::string bytes;
  for (unsigned shift = 32; shift > 0; shift -= 8) {
    bytes += static_cast<char>(key.hash() >> (shift - 8) & 255U);
  }
  bytes += TRY(ed25519_sign(seed, text));
  return fmt::format("{}\n{}{} {}\n", text, k_signature_prefix, key.name(), base64_encode(as_bytes(bytes)));
}

}  // namespace larder::sumdb
