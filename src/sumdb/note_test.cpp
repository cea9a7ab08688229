// SPDX-License-Identifier: Apache-2.0
#include "sumdb/note.hpp"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/digest.hpp"
#include "base/ed25519.hpp"

namespace larder::sumdb {
namespace {

const std::string k_text =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n";
const std::string k_key_text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const std::string k_line =
    "\u2014 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

VerifierKey key() {
  return *VerifierKey::parse(k_key_text);
}
std::string error_of(const std::string& message) {
  const auto text = open_note(message, key());
  return text ? "" : text.error().message();
}

TEST(VerifierKey, reads_what_it_prints) {
  EXPECT_EQ(key().str(), k_key_text);
  EXPECT_EQ(key().name(), "PeterNeumann");
  EXPECT_EQ(key().id(), "PeterNeumann+c74f20a3");
}

TEST(VerifierKey, refuses) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "malformed verifier id"},
      {"name", "malformed verifier id"},
      {"name+c74f20a3", "malformed verifier id"},
      {"+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "malformed verifier id"},
      {"Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "malformed verifier id"},
      {"Peter\u00a0N+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "malformed verifier id"},
      {"PeterNeumann+c74f20a+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "malformed verifier id"},
      {"PeterNeumann+c74f20ag+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "malformed verifier id"},
      {"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq", "malformed verifier id"},
      {"PeterNeumann+c74f20a3+", "malformed verifier id"},
      {"PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "invalid verifier hash"},
      {"PeterNewmann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "invalid verifier hash"},
  };
  for (const auto& [text, message] : cases) {
    const auto parsed = VerifierKey::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().message(), message) << text;
  }
}

// The hash is right, the algorithm byte is not 1.
TEST(VerifierKey, unknown_algorithm) {
  const std::string raw = "\x02" + std::string(32, 'k');
  const auto hash = sha256("n\n" + raw).hex().substr(0, 8);
  const auto parsed = VerifierKey::parse("n+" + hash + "+" + base64_encode(as_bytes(raw)));
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().message(), "unknown verifier algorithm");
}

TEST(Note, opens_the_vector) {
  const auto message = k_text + "\n" + k_line;
  const auto text = open_note(message, key());
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, k_text);
}

TEST(Note, splits_at_the_last_blank_line) {
  const std::string seed(32, 'a');
  const auto mine = *VerifierKey::make("me", *ed25519_public_key(seed));
  const auto note = *sign_note("a\n\nb\n", mine, seed);
  EXPECT_EQ(open_note(note, mine).value(), "a\n\nb\n");
}

TEST(Note, other_signatures_are_passed_over) {
  const std::string other = "\u2014 Other AAAAAAAAAA==\n";
  EXPECT_EQ(error_of(k_text + "\n" + other + k_line + other), "");
  EXPECT_EQ(error_of(k_text + "\n" + k_line + k_line), "");
  EXPECT_EQ(error_of(k_text + "\n" + other), "note has no verifiable signatures");
}

TEST(Note, a_key_of_the_same_hash_and_another_name_is_another_key) {
  std::string renamed = k_line;
  renamed.replace(renamed.find("PeterNeumann"), 12, "PeterNewmann");
  EXPECT_EQ(error_of(k_text + "\n" + renamed), "note has no verifiable signatures");
}

TEST(Note, refuses) {
  const std::string bad = "malformed note";
  const std::pair<std::string, std::string> cases[] = {
      {"", bad},
      {k_text, bad},
      {k_text + k_line, bad},
      {k_text + "\n", bad},
      {k_text + "\n" + k_line.substr(0, k_line.size() - 1), bad},
      {k_text + "\n" + k_line + "\n", bad},
      {k_text + "\n" + k_line + "x\n", bad},
      {k_text + "\n- PeterNeumann AAAAAAAA\n", bad},
      {k_text + "\n\u2014 PeterNeumann AAAA\n", bad},
      {k_text + "\n\u2014 PeterNeumann \n", bad},
      {k_text + "\n\u2014 PeterNeumann\n", bad},
      {k_text + "\n\u2014  AAAAAAAA\n", bad},
      {k_text + "\r\n\n" + k_line, bad},
      {"\xff" + k_text + "\n" + k_line, bad},
      {k_text + std::string(1, '\0') + "\n\n" + k_line, bad},
      {"x" + k_text + "\n" + k_line, "invalid signature for key PeterNeumann+c74f20a3"},
      {k_text + "\n\n" + k_line, "invalid signature for key PeterNeumann+c74f20a3"},
  };
  for (const auto& [message, error] : cases) EXPECT_EQ(error_of(message), error) << message;
}

TEST(Note, at_most_a_hundred_signatures) {
  std::string lines;
  for (int i = 0; i < 99; ++i) lines += "\u2014 Other AAAAAAAAAA==\n";
  EXPECT_EQ(error_of(k_text + "\n" + lines + k_line), "");
  EXPECT_EQ(error_of(k_text + "\n" + lines + "\u2014 Other AAAAAAAAAA==\n" + k_line), "malformed note");
}

RC_GTEST_PROP(Note, no_changed_byte_goes_unnoticed, ()) {
  const std::string seed(32, 'a');
  const auto mine = *VerifierKey::make("me", *ed25519_public_key(seed));
  const auto note = *sign_note("go.sum database tree\n5\nx\n", mine, seed);
  const auto at = *rc::gen::inRange<std::size_t>(0, note.size());
  const auto bit = *rc::gen::inRange(0, 8);
  auto changed = note;
  changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
  RC_ASSERT(!open_note(changed, mine));
}

}  // namespace
}  // namespace larder::sumdb
