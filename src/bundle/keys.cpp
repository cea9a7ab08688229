// SPDX-License-Identifier: Apache-2.0
#include "bundle/keys.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <sys/random.h>

#include "base/ed25519.hpp"
#include "base/text.hpp"
#include "bundle/blake2b.hpp"
#include "sys/files.hpp"
#include "sys/secret_file.hpp"

namespace larder::bundle {
namespace {

constexpr std::size_t k_signature_size = 64;
constexpr std::size_t k_public_file = 2 + 8 + 32;
// algorithm 2, kdf 2, checksum kind 2, salt 32, two limits of 8, then id 8, seed 32, public 32, checksum 32
constexpr std::size_t k_secret_file = 2 + 2 + 2 + 32 + 8 + 8 + 8 + 64 + 32;
constexpr std::size_t k_secret_id = 54;
constexpr std::size_t k_secret_seed = 62;
constexpr std::size_t k_secret_public = 94;
constexpr std::size_t k_secret_checksum = 126;
constexpr std::uint64_t k_key_file_limit = 64U << 10U;
constexpr std::string_view k_comment = "untrusted comment: ";
constexpr std::string_view k_trusted = "trusted comment: ";

template <std::size_t N>
std::string_view view(const std::array<std::uint8_t, N>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), N};
}
template <std::size_t N>
void copy_to(std::array<std::uint8_t, N>& to, std::string_view from) {
  std::ranges::copy(from.substr(0, N), reinterpret_cast<char*>(to.data()));
}

// A string of secret bytes that is wiped when it goes.
struct Secret {
  std::string text;
  ~Secret() { ::explicit_bzero(text.data(), text.size()); }
};

// The other half of the pair is no damage: it is said what it is, and what to do.
template <class Key, class Other>
Result<Key> read_key(const std::filesystem::path& path, std::string_view other_is, std::string_view hint,
                     std::string_view where) {
  auto read = sys::read_file(path, k_key_file_limit);
  if (!read && read.error().kind() == Kind::not_found)
    return fail(std::move(read).error().with_hint(std::string(where)));
  const Secret text{TRY(std::move(read))};
  auto key = Key::parse(text.text);
  if (!key && Other::parse(text.text))
    return fail(Kind::invalid, fmt::format("{}: {}", path.string(), other_is), std::string(hint));
  return std::move(key).context(path.string());
}

Result<std::array<std::uint8_t, 32>> public_of(const std::array<std::uint8_t, 32>& seed) {
  std::array<std::uint8_t, 32> out{};
  copy_to(out, TRY(ed25519_public_key(view(seed))));
  return out;
}

// Little-endian number in upper-case hex without leading zeros, as minisign prints key ids.
std::string id_text(const std::array<std::uint8_t, 8>& id) {
  std::uint64_t number = 0;
  for (std::size_t i = id.size(); i-- > 0;) number = number << 8U | id.at(i);
  return fmt::format("{:X}", number);
}

// The base64 line of a key file: the one after the comment, or the only one.
std::string_view payload_line(std::string_view text) {
  for (const std::string_view line : lines(text)) {
    const std::string_view t = trim(line);
    if (!t.empty() && !t.starts_with(k_comment)) return t;
  }
  return {};
}

// BLAKE2b-256 of algorithm, id and key pair.
std::string secret_checksum(std::string_view file) {
  const Secret covered{"Ed" + std::string(file.substr(k_secret_id, k_secret_checksum - k_secret_id))};
  return blake2b(as_bytes(covered.text), 32);
}

Failure bad_signature(std::string_view why) {
  return fail(Kind::unverified, fmt::format("signature: {}", why));
}

}  // namespace

Result<PublicKey> PublicKey::parse(std::string_view text) {
  const auto bytes = base64_decode(payload_line(text));
  if (!bytes || bytes->size() != k_public_file || !bytes->starts_with("Ed")) {
    return fail(Kind::invalid, "not a minisign public key", "a public key is one line that begins with RW");
  }
  PublicKey key;
  copy_to(key.id_, std::string_view(*bytes).substr(2));
  copy_to(key.key_, std::string_view(*bytes).substr(10));
  return key;
}

Result<PublicKey> PublicKey::read(const std::filesystem::path& path) {
  return read_key<PublicKey, SecretKey>(
      path, "a secret key, which stays with who signs", "name the .pub file that was made with it",
      "name the public key file of who packed the bundle, which comes another way");
}

std::string PublicKey::str() const {
  const std::string bytes = "Ed" + std::string(view(id_)) + std::string(view(key_));
  return base64_encode(as_bytes(bytes));
}
std::string PublicKey::id() const {
  return id_text(id_);
}
std::string PublicKey::file_text() const {
  return fmt::format("{}minisign public key {}\n{}\n", k_comment, id(), str());
}

SecretKey::~SecretKey() {
  ::explicit_bzero(seed_.data(), seed_.size());
}

Result<SecretKey> SecretKey::generate() {
  SecretKey key;
  if (::getentropy(key.id_.data(), key.id_.size()) != 0 ||
      ::getentropy(key.seed_.data(), key.seed_.size()) != 0) {
    return fail(Kind::internal, "no random numbers");
  }
  key.public_ = TRY(public_of(key.seed_));
  return key;
}

Result<SecretKey> SecretKey::parse(std::string_view text) {
  auto decoded = base64_decode(payload_line(text));
  if (!decoded || decoded->size() != k_secret_file || !decoded->starts_with("Ed")) {
    return fail(Kind::invalid, "not a minisign secret key", "make one with `larder key new -o NAME`");
  }
  const Secret bytes{*std::move(decoded)};
  const std::string_view file = bytes.text;
  if (file.substr(2, 2) != std::string_view("\0\0", 2)) {
    return fail(Kind::invalid, "secret key is protected by a password",
                "use a key without one: larder key new, or minisign -G -W");
  }
  // minisign leaves the checksum of an unprotected key zero; we write it, and it reads it.
  const std::string_view checksum = file.substr(k_secret_checksum);
  const bool absent = checksum.find_first_not_of('\0') == checksum.npos;
  if (file.substr(4, 2) != "B2" || (!absent && checksum != secret_checksum(file))) {
    return fail(Kind::invalid, "secret key is damaged");
  }
  SecretKey key;
  copy_to(key.id_, file.substr(k_secret_id));
  copy_to(key.seed_, file.substr(k_secret_seed));
  key.public_ = TRY(public_of(key.seed_));
  if (view(key.public_) != file.substr(k_secret_public, 32)) {
    return fail(Kind::invalid, "secret key is damaged");
  }
  return key;
}

Result<SecretKey> SecretKey::read(const std::filesystem::path& path) {
  return read_key<SecretKey, PublicKey>(path, "a public key, which signs nothing",
                                        "name the .key file that was made with it",
                                        "make a pair of keys with `larder key new -o NAME`, once");
}

PublicKey SecretKey::public_key() const {
  PublicKey key;
  key.id_ = id_;
  key.key_ = public_;
  return key;
}

std::string SecretKey::file_text() const {
  Secret file{std::string("Ed\0\0B2", 6)};
  file.text.resize(k_secret_id, '\0');  // no salt, no limits: there is no password
  file.text.append(view(id_)).append(view(seed_)).append(view(public_));
  file.text += secret_checksum(file.text);
  return fmt::format("{}minisign secret key {}\n{}\n", k_comment, id_text(id_),
                     base64_encode(as_bytes(file.text)));
}

Result<void> SecretKey::write(const std::filesystem::path& path) const {
  const Secret text{file_text()};
  return sys::write_secret_file(path, text.text);
}

Result<std::string> SecretKey::sign(Bytes message, std::string_view trusted_comment) const {
  if (trusted_comment.find_first_of("\r\n") != trusted_comment.npos) {
    return fail(Kind::invalid, "a trusted comment is one line");
  }
  const std::string hash = blake2b(message, 64);
  const std::string signature = TRY(ed25519_sign(view(seed_), hash));
  const std::string global = TRY(ed25519_sign(view(seed_), signature + std::string(trusted_comment)));
  const std::string first = "ED" + std::string(view(id_)) + signature;
  return fmt::format("{}signature from larder, key {}\n{}\n{}{}\n{}\n", k_comment, id_text(id_),
                     base64_encode(as_bytes(first)), k_trusted, trusted_comment,
                     base64_encode(as_bytes(global)));
}

// The parts of a .minisig file; a friend of PublicKey, so that nobody else sees raw keys.
struct SignatureCheck {
  std::string algorithm;
  std::string id;
  std::string signature;
  std::string comment;
  std::string global;

  static Result<SignatureCheck> parse(std::string_view text);
  const PublicKey* find(std::span<const PublicKey> trusted) const {
    const auto at = std::ranges::find_if(trusted, [&](const PublicKey& k) { return view(k.id_) == id; });
    return at == trusted.end() ? nullptr : &*at;
  }
  Result<void> check(const PublicKey& key, Bytes message) const {
    const std::string signed_bytes = algorithm == "ED" ? blake2b(message, 64) : std::string(as_text(message));
    if (!TRY(ed25519_verify(view(key.key_), signed_bytes, signature))) {
      return bad_signature(fmt::format("does not match (key {})", key.id()));
    }
    if (!TRY(ed25519_verify(view(key.key_), signature + comment, global))) {
      return bad_signature(fmt::format("trusted comment does not match (key {})", key.id()));
    }
    return {};
  }
};

Result<SignatureCheck> SignatureCheck::parse(std::string_view text) {
  const std::vector<std::string_view> rows = lines(text);
  const bool shaped = rows.size() == 4 && rows[0].starts_with(k_comment) && rows[2].starts_with(k_trusted);
  if (!shaped) return bad_signature("not a minisign signature");
  const auto first = base64_decode(rows[1]);
  const auto global = base64_decode(rows[3]);
  if (!first || first->size() != 10 + k_signature_size || !global || global->size() != k_signature_size) {
    return bad_signature("not a minisign signature");
  }
  SignatureCheck out{.algorithm = first->substr(0, 2),
                     .id = first->substr(2, 8),
                     .signature = first->substr(10),
                     .comment = std::string(rows[2].substr(k_trusted.size())),
                     .global = *global};
  if (out.algorithm != "ED" && out.algorithm != "Ed") return bad_signature("unknown algorithm");
  return out;
}

Result<Verified> verify_signature(Bytes message, std::string_view minisig,
                                  std::span<const PublicKey> trusted) {
  const SignatureCheck parts = TRY(SignatureCheck::parse(minisig));
  const PublicKey* key = parts.find(trusted);
  if (key == nullptr) {
    std::array<std::uint8_t, 8> id{};
    copy_to(id, parts.id);
    std::vector<std::string> known;
    for (const PublicKey& k : trusted) known.push_back(k.id());
    return fail(
        Kind::unverified, fmt::format("signature: made by key {}, which is not trusted", id_text(id)),
        fmt::format("if that is the sender's, name its public key with `--trust FILE.pub` or unpack.trust "
                    "in larder.toml (trusted: {})",
                    known.empty() ? "no key" : join(known, ", ")));
  }
  TRY(parts.check(*key, message));
  return Verified{.key = *key, .trusted_comment = parts.comment};
}

}  // namespace larder::bundle
