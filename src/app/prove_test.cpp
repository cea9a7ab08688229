// SPDX-License-Identifier: Apache-2.0
#include "app/prove.hpp"

#include <gtest/gtest.h>

namespace larder::app {
namespace {

TEST(MissingModules, are_read_from_what_go_says) {
  const std::string text =
      "go: downloading example.com/Up v1.0.0\n"
      "main.go:3:8: example.com/Up@v1.0.0: reading file:///s/go/example.com/%21up/@v/v1.0.0.zip: no such "
      "file or directory\n"
      "go: example.com/b@v1.1.0: reading file:///s/go/example.com/b/@v/v1.1.0.mod: no such file\n"
      "go: module example.com/c: reading file:///s/go/example.com/c/@v/list: no such file or directory\n"
      "go: download go1.27.1 for linux/amd64: toolchain not available\n"
      "reading file:///elsewhere/example.com/d/@v/v1.0.0.zip: no\n";
  const auto missing = missing_modules(text, "file:///s/go");
  ASSERT_EQ(missing.size(), 4U);
  EXPECT_EQ(missing[0].str(), "example.com/Up@v1.0.0");
  EXPECT_EQ(missing[1].str(), "example.com/b@v1.1.0");
  EXPECT_EQ(missing[2].str(), "example.com/c");
  EXPECT_EQ(missing[3].str(), "golang.org/toolchain@v0.0.1-go1.27.1.linux-amd64");
}

TEST(MissingModules, junk_names_nothing) {
  EXPECT_TRUE(missing_modules("reading file:///s/go/../../x/@v/v1.zip: no", "file:///s/go").empty());
  EXPECT_TRUE(missing_modules("reading file:///s/go", "file:///s/go").empty());
  EXPECT_TRUE(missing_modules("download x for y/z: toolchain not available", "file:///s/go").empty());
  EXPECT_TRUE(
      missing_modules("download go1.27.1 for linux: toolchain not available", "file:///s/go").empty());
  EXPECT_TRUE(missing_modules("", "file:///s/go").empty());
}

TEST(FileUrl, encodes_what_is_not_plain) {
  EXPECT_EQ(file_url("/a b/c%d"), "file:///a%20b/c%25d");
  EXPECT_EQ(file_url("/a,b|c"), "file:///a%2Cb%7Cc");  // which separate proxies
}

}  // namespace
}  // namespace larder::app
