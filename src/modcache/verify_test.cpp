// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "modcache/cache.hpp"
#include "modcache/test_support.hpp"

namespace larder::modcache {
namespace {

class VerifyTest : public CacheTest {
 protected:
  void fill(bool extract = true) {
    const auto fetch = [&](sys::AtomicFile& file) { return file.write(as_bytes(zip_)); };
    const auto any = [](const gomod::H1&) -> Result<void> { return {}; };
    ASSERT_TRUE(open({.read_write = true}).install(module_, fetch, any, {.extract = extract}));
  }
  std::vector<std::string> problems() const {
    std::vector<std::string> texts;
    for (const Error& error : open().verify(module_)) texts.push_back(message_of(error));
    return texts;
  }
  using Texts = std::vector<std::string>;
  const std::string name_ = "example.com/Up/m v1.2.3: ";
};

TEST_F(VerifyTest, NothingDownloadedIsFine) {
  EXPECT_EQ(problems(), Texts{});
}

TEST_F(VerifyTest, WholeIsFine) {
  fill();
  EXPECT_EQ(problems(), Texts{});
}

TEST_F(VerifyTest, ZipOrDirectoryAloneIsFine) {
  fill();
  ASSERT_TRUE(sys::remove_tree(paths().dir()));
  EXPECT_EQ(problems(), Texts{});
  fill();
  ASSERT_TRUE(sys::remove_file(paths().zip()));
  EXPECT_EQ(problems(), Texts{});
}

TEST_F(VerifyTest, UnfinishedDirectoryIsNotLookedAt) {
  fill();
  put(paths().partial(), "");
  put(paths().dir() / "extra.go", "");
  EXPECT_EQ(problems(), Texts{});
}

TEST_F(VerifyTest, ChangedTreeIsFound) {
  const std::string text = "unverified: " + name_ + "dir has been modified (" + paths().dir().native() + ")";
  const std::vector<void (*)(const Path&)> changes = {
      [](const Path& dir) { put(dir / "extra.go", ""); },
      [](const Path& dir) { ASSERT_TRUE(sys::remove_file(dir / "m.go")); },
      [](const Path& dir) {
        ASSERT_TRUE(sys::remove_file(dir / "m.go"));
        put(dir / "m.go", "package n\n");
      },
  };
  for (const auto change : changes) {
    ASSERT_TRUE(sys::remove_tree(root()));
    fill();
    change(paths().dir());
    EXPECT_EQ(problems(), Texts{text});
  }
}

TEST_F(VerifyTest, OtherZipIsFound) {
  fill(false);
  put(paths().zip(), make_zip(module_, {{"m.go", "package evil\n"}}));
  const std::string text = "unverified: " + name_ + "zip has been modified (" + paths().zip().native() + ")";
  EXPECT_EQ(problems(), Texts{text});
  put(paths().zip(), make_zip({"example.com/other", "v1.0.0"}, files_));
  EXPECT_EQ(problems(), Texts{text});
}

TEST_F(VerifyTest, BrokenZipIsReportedAlone) {
  fill();
  put(paths().zip(), "no zip at all");
  put(paths().dir() / "extra.go", "");
  const auto found = problems();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found.front().starts_with("invalid: " + name_)) << found.front();
}

TEST_F(VerifyTest, EveryFlippedByteOfAZipIsFound) {
  fill(false);
  for (std::size_t i = 0; i < zip_.size(); ++i) {
    std::string bad = zip_;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    put(paths().zip(), bad);
    // Some bytes (times, versions, attributes) mean nothing to the hash; those of content and names do.
    const auto hash = modzip::hash_zip(module_, as_bytes(bad));
    EXPECT_EQ(problems().empty(), hash && *hash == h1_) << "byte " << i;
  }
}

TEST_F(VerifyTest, ZiphashDecides) {
  fill();
  const std::string other = gomod::hash_go_mod("x").str();
  put(paths().ziphash(), other);
  EXPECT_EQ(problems().size(), 2U);
  put(paths().ziphash(), h1_.str() + "\n");  // white space around it is allowed
  EXPECT_EQ(problems(), Texts{});
}

TEST_F(VerifyTest, MissingZiphash) {
  fill(false);
  ASSERT_TRUE(sys::remove_file(paths().ziphash()));
  EXPECT_EQ(problems(), Texts{"not_found: " + name_ + "missing ziphash: open " + paths().ziphash().native() +
                              ": no such file or directory"});
  // A directory without .ziphash counts as not there, as go sees it.
  ASSERT_TRUE(sys::remove_file(paths().zip()));
  put(paths().dir() / "m.go", "");
  EXPECT_EQ(problems(), Texts{});
}

TEST_F(VerifyTest, ImpossibleModule) {
  const auto errors = open().verify({"example.com/m", "v1"});
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(message_of(errors.front()), "invalid: example.com/m v1: non-canonical module version \"v1\"");
}

}  // namespace
}  // namespace larder::modcache
