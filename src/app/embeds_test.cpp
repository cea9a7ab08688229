// SPDX-License-Identifier: Apache-2.0
#include "app/embeds.hpp"

#include <filesystem>

#include <gtest/gtest.h>

namespace larder::app {
namespace {

using Names = std::vector<std::string>;

class Embeds : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const auto* name :
         {"a.txt", "b.txt", ".hidden", "_x", "d/e.txt", "d/.h", "d/_u", "d/f/g.txt", "d/f/_v", "m/go.mod",
          "m/x.txt", "empty/.only", ".git/config", "sp ace/x", "bad:name/x"}) {
      const auto file = root() / name;
      ASSERT_TRUE(sys::make_dirs(file.parent_path()));
      ASSERT_TRUE(sys::write_file(file, as_bytes("x")));
    }
    std::filesystem::create_symlink("a.txt", root() / "link.txt");
  }
  sys::Path root() const { return temp_.path(); }
  std::string error(const std::string& pattern) const {
    const auto found = resolve_embeds(root(), {pattern});
    return found ? "" : found.error().message();
  }

 private:
  sys::TempDir temp_ = sys::TempDir::create().value();
};

TEST_F(Embeds, names_are_sorted_and_unique) {
  EXPECT_EQ(resolve_embeds(root(), {"b.txt", "a.txt", "?.txt"}), (Names{"a.txt", "b.txt"}));
  EXPECT_EQ(resolve_embeds(root(), {}), Names{});
}

TEST_F(Embeds, hidden_files_count_when_named_or_under_all) {
  EXPECT_EQ(resolve_embeds(root(), {"d"}), (Names{"d/e.txt", "d/f/g.txt"}));
  EXPECT_EQ(resolve_embeds(root(), {"all:d"}), (Names{"d/.h", "d/_u", "d/e.txt", "d/f/_v", "d/f/g.txt"}));
  EXPECT_EQ(resolve_embeds(root(), {".hidden", "_x"}), (Names{".hidden", "_x"}));
  EXPECT_EQ(resolve_embeds(root(), {"d/*"}), (Names{"d/.h", "d/_u", "d/e.txt", "d/f/g.txt"}));
}

TEST_F(Embeds, errors_are_those_of_go) {
  EXPECT_EQ(error("nothing"), "pattern nothing: no matching files found");
  EXPECT_EQ(error("../x"), "pattern ../x: invalid pattern syntax");
  EXPECT_EQ(error("/x"), "pattern /x: invalid pattern syntax");
  EXPECT_EQ(error("["), "pattern [: invalid pattern syntax");
  EXPECT_EQ(error("empty"), "pattern empty: cannot embed directory empty: contains no embeddable files");
  EXPECT_EQ(error("m/x.txt"), "pattern m/x.txt: cannot embed file m/x.txt: in different module");
  EXPECT_EQ(error("link.txt"), "pattern link.txt: cannot embed irregular file link.txt");
  EXPECT_EQ(error(".git"), "pattern .git: cannot embed directory .git: invalid name .git");
  EXPECT_EQ(error("bad:name/x"),
            "pattern bad:name/x: cannot embed file bad:name/x: in invalid directory bad:name");
}

}  // namespace
}  // namespace larder::app
