// SPDX-License-Identifier: Apache-2.0
#include "gomod/workfile.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace larder::gomod {
namespace {

TEST(WorkFile, reads_all_directives) {
  const auto f =
      parse_work("go.work",
                 "go 1.22\ntoolchain go1.23.0\ngodebug a=b\nuse .\nuse (\n\t./x // c\n\t\"../y z\"\n)\n"
                 "replace a.b/c v1 => ./d\n");
  ASSERT_TRUE(f) << f.error().message();
  EXPECT_EQ(f->go->version, "1.22");
  EXPECT_EQ(f->toolchain->name, "go1.23.0");
  EXPECT_EQ(f->godebug.at(0).key, "a");
  ASSERT_EQ(f->use.size(), 3U);
  EXPECT_EQ(f->use[0].path, ".");
  EXPECT_EQ(f->use[2].path, "../y z");
  EXPECT_EQ(f->replace.at(0).from, (Module{"a.b/c", "v1.0.0"}));
  EXPECT_EQ(f->str(),
            "go 1.22\n\ntoolchain go1.23.0\n\ngodebug a=b\n\nuse .\n\nuse (\n\t./x // c\n\t\"../y z\"\n)\n\n"
            "replace a.b/c v1.0.0 => ./d\n");
}

TEST(WorkFile, error_texts) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"use\n", "go.work:1: usage: use local/dir"},
      {"use (\n\ta b\n)\n", "go.work:2:2: usage: use local/dir"},
      {"use 'x'\n", "go.work:1: invalid quoted string: unquoted string cannot contain quote"},
      {"go v1.21\n", "go.work:1: invalid go version 'v1.21': must match format 1.23.0"},
      {"module m\n", "go.work:1: unknown directive: module"},
      {"require (\n)\n", "go.work:1: unknown block type: require"},
      {"go 1.21\ngo 1.22\nuse\n", "go.work:2: repeated go statement\ngo.work:3: usage: use local/dir"},
  };
  for (const auto& [text, want] : cases) {
    const auto got = parse_work("go.work", text);
    ASSERT_FALSE(got) << text;
    EXPECT_EQ(got.error().message(), want);
  }
}

}  // namespace
}  // namespace larder::gomod
