// SPDX-License-Identifier: Apache-2.0
#include "bundle/keys.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/text.hpp"
#include "bundle/bundle_testing.hpp"
#include "sys/process.hpp"

namespace larder::bundle {
namespace {

constexpr std::string_view k_message = "the message\n";

bool have_minisign() {
  return sys::find_program("minisign", sys::current_environment()).has_value();
}
sys::Outcome run(std::vector<std::string> argv, const sys::Path& directory) {
  return must(sys::run_captured({.argv = std::move(argv), .environment = {}, .directory = directory}));
}

TEST(Keys, FilesAreReadBack) {
  const sys::TempDir folder = must(sys::TempDir::create());
  const SecretKey key = must(SecretKey::generate());
  must(key.write(folder.path() / "s"));
  struct stat st{};
  ASSERT_EQ(::stat((folder.path() / "s").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777U, 0600U);
  EXPECT_FALSE(key.write(folder.path() / "s"));
  EXPECT_EQ(must(SecretKey::read(folder.path() / "s")).public_key(), key.public_key());
  EXPECT_EQ(must(PublicKey::parse(key.public_key().file_text())), key.public_key());
  EXPECT_EQ(must(PublicKey::parse(key.public_key().str())), key.public_key());
  EXPECT_TRUE(key.public_key().str().starts_with("RW"));
  EXPECT_EQ(key.public_key().str().size(), 56U);
}

TEST(Keys, TwoAreNotEqual) {
  EXPECT_FALSE(must(SecretKey::generate()).public_key() == must(SecretKey::generate()).public_key());
}

TEST(Keys, BadKeysAreRefused) {
  const SecretKey key = must(SecretKey::generate());
  for (const char* text :
       {"", "untrusted comment: x\n", "RWabc", "not base64!", "untrusted comment: x\nAAAA\n"}) {
    EXPECT_FALSE(PublicKey::parse(text)) << text;
    EXPECT_FALSE(SecretKey::parse(text)) << text;
  }
  EXPECT_FALSE(PublicKey::parse(key.file_text()));
  EXPECT_FALSE(SecretKey::parse(key.public_key().file_text()));
}

TEST(Keys, OneWrongByteInASecretKeyIsFound) {
  const SecretKey key = must(SecretKey::generate());
  const std::string payload(lines(key.file_text())[1]);
  const std::string bytes = base64_decode(payload).value();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i >= 6 && i < 54) continue;  // salt and limits mean nothing without a password
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_FALSE(SecretKey::parse(base64_encode(as_bytes(damaged)))) << i;
  }
}

TEST(Keys, SignatureVerifies) {
  const SecretKey key = must(SecretKey::generate());
  const std::string minisig = must(key.sign(as_bytes(k_message), "comment: with text"));
  const std::vector<PublicKey> trusted{must(SecretKey::generate()).public_key(), key.public_key()};
  const Verified verified = must(verify_signature(as_bytes(k_message), minisig, trusted));
  EXPECT_EQ(verified.key, key.public_key());
  EXPECT_EQ(verified.trusted_comment, "comment: with text");
  EXPECT_FALSE(key.sign(as_bytes(k_message), "two\nlines"));
}

TEST(Keys, AnyChangeOfASignatureIsRefused) {
  const SecretKey key = must(SecretKey::generate());
  const std::vector<PublicKey> trusted{key.public_key()};
  const std::string minisig = must(key.sign(as_bytes(k_message), "comment"));
  const std::size_t body = minisig.find('\n');
  for (std::size_t i = body; i < minisig.size(); ++i) {
    std::string damaged = minisig;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    const auto verified = verify_signature(as_bytes(k_message), damaged, trusted);
    ASSERT_FALSE(verified) << i << damaged;
    EXPECT_EQ(verified.error().kind(), Kind::unverified);
  }
  EXPECT_FALSE(verify_signature(as_bytes("the message"), minisig, trusted));
  EXPECT_FALSE(verify_signature(as_bytes(k_message), "", trusted));
  EXPECT_FALSE(verify_signature(as_bytes(k_message), minisig, {}));
}

TEST(Keys, ForeignKeyIsNamed) {
  const SecretKey key = must(SecretKey::generate());
  const SecretKey other = must(SecretKey::generate());
  const std::string minisig = must(key.sign(as_bytes(k_message), ""));
  const std::vector<PublicKey> trusted{other.public_key()};
  const auto verified = verify_signature(as_bytes(k_message), minisig, trusted);
  ASSERT_FALSE(verified);
  EXPECT_NE(verified.error().message().find(key.public_key().id()), std::string::npos);
  EXPECT_NE(verified.error().hint().find(other.public_key().id()), std::string::npos);
}

TEST(Keys, MinisignVerifiesOurSignature) {
  if (!have_minisign()) GTEST_SKIP() << "no minisign";
  const sys::TempDir folder = must(sys::TempDir::create());
  const SecretKey key = must(SecretKey::generate());
  must(sys::write_file(folder.path() / "m", as_bytes(k_message)));
  must(sys::write_file(folder.path() / "m.minisig",
                       as_bytes(must(key.sign(as_bytes(k_message), "bundle:1 root:2")))));
  must(sys::write_file(folder.path() / "k.pub", as_bytes(key.public_key().file_text())));
  const auto good = run({"minisign", "-V", "-p", "k.pub", "-m", "m"}, folder.path());
  EXPECT_EQ(good.exit_code, 0) << good.out << good.err;
  EXPECT_NE(good.out.find("Trusted comment: bundle:1 root:2"), std::string::npos) << good.out;
  must(sys::write_file(folder.path() / "m", as_bytes("another message\n")));
  EXPECT_NE(run({"minisign", "-V", "-p", "k.pub", "-m", "m"}, folder.path()).exit_code, 0);
}

TEST(Keys, MinisignSignsWithOurKey) {
  if (!have_minisign()) GTEST_SKIP() << "no minisign";
  const sys::TempDir folder = must(sys::TempDir::create());
  const SecretKey key = must(SecretKey::generate());
  must(key.write(folder.path() / "k.key"));
  must(sys::write_file(folder.path() / "m", as_bytes(k_message)));
  const std::vector<PublicKey> trusted{key.public_key()};
  for (const char* flags : {"-SH", "-Sl"}) {  // prehashed, legacy
    const auto made = run({"minisign", flags, "-s", "k.key", "-m", "m", "-t", "theirs"}, folder.path());
    ASSERT_EQ(made.exit_code, 0) << flags << made.out << made.err;
    const std::string minisig = must(sys::read_file(folder.path() / "m.minisig"));
    EXPECT_EQ(must(verify_signature(as_bytes(k_message), minisig, trusted)).trusted_comment, "theirs")
        << flags;
  }
}

TEST(Keys, IdsHaveNoLeadingZeros) {
  // "Ed", then the id, least significant byte first, then the key.
  const std::string raw = std::string("Ed\x8C\xE5\x2B\x1C\x47\x0F\x9D\x0D", 10) + std::string(32, 'k');
  EXPECT_EQ(must(PublicKey::parse(base64_encode(as_bytes(raw)))).id(), "D9D0F471C2BE58C");
}

TEST(Keys, WeReadMinisignsKeys) {
  if (!have_minisign()) GTEST_SKIP() << "no minisign";
  const sys::TempDir folder = must(sys::TempDir::create());
  const auto made = run({"minisign", "-G", "-W", "-p", "k.pub", "-s", "k.key"}, folder.path());
  ASSERT_EQ(made.exit_code, 0) << made.out << made.err;
  const SecretKey key = must(SecretKey::read(folder.path() / "k.key"));
  EXPECT_EQ(key.public_key(), must(PublicKey::read(folder.path() / "k.pub")));
  EXPECT_EQ(key.public_key().file_text(), must(sys::read_file(folder.path() / "k.pub")));
}

}  // namespace
}  // namespace larder::bundle
