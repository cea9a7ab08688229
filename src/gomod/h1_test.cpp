// SPDX-License-Identifier: Apache-2.0
#include "gomod/h1.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace larder::gomod {
namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

Result<H1> hash(const Files& files) {
  H1Builder builder;
  builder.reserve(files.size());
  for (const auto& [name, content] : files) builder.add(name, sha256(content));
  return builder.finish();
}

TEST(H1, vectors) {
  EXPECT_EQ(hash_go_mod("").str(), "h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=");
  EXPECT_EQ(hash_go_mod("module example.com/m\n").str(), "h1:flS2VctbRrTv+sBE+VKgxx6hlkMGPVz9MGOmzMYFg3k=");
  const Files zip = {{"example.com/m@v1.0.0/go.mod", "module example.com/m\n"},
                     {"example.com/m@v1.0.0/m.go", "package m\n"}};
  EXPECT_EQ(hash(zip)->str(), "h1:fCHMqo5ggHEQvwcrsN81zr5orRk5lClR36KRHpfUjKg=");
}

TEST(H1, the_order_of_files_does_not_matter) {
  const Files files = {{"b", "2"}, {"a/b", "1"}, {"a", "0"}, {"B", "3"}};
  const Files other = {{"B", "3"}, {"a", "0"}, {"b", "2"}, {"a/b", "1"}};
  EXPECT_EQ(*hash(files), *hash(other));
  EXPECT_NE(*hash(files), *hash({{"b", "2"}}));
}

TEST(H1, refuses_newlines_in_names) {
  const auto bad = hash({{"a\nb", ""}});
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().message(), "dirhash: filenames with newlines are not supported");
}

TEST(H1, the_builder_starts_again_after_finish) {
  H1Builder builder;
  builder.add("go.mod", sha256("x"));
  EXPECT_EQ(*builder.finish(), hash_go_mod("x"));
  builder.add("go.mod", sha256("y"));
  EXPECT_EQ(*builder.finish(), hash_go_mod("y"));
}

TEST(H1, parse_is_the_inverse_of_str) {
  const auto h = hash_go_mod("module example.com/m\n");
  EXPECT_EQ(H1::parse(h.str()), h);
  for (const auto* bad :
       {"", "h1:", "h2:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=",
        "h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY", "h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydZ=",
        "h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=\n"})
    EXPECT_FALSE(H1::parse(bad)) << bad;
}

}  // namespace
}  // namespace larder::gomod
