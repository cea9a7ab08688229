// SPDX-License-Identifier: Apache-2.0
#include "gomod/modules_txt.hpp"

#include <gtest/gtest.h>

namespace larder::gomod {
namespace {

TEST(ModulesTxt, says_what_a_vendor_folder_is_made_of) {
  const auto txt = parse_modules_txt(
      "# example.com/a v1.0.0\n## explicit; go 1.17\nexample.com/a\nexample.com/a/sub\n"
      "# example.com/b v1.1.0 => ./b\n## explicit\nexample.com/b\n"
      "# example.com/c v1.2.0 => example.com/d v1.3.0\n"
      "# example.com/e => example.com/f v1.4.0\n"
      "# odd line\nexample.com/lost\n");
  EXPECT_FALSE(txt.is_workspace);
  EXPECT_EQ(txt.with_packages,
            (std::vector<Module>{{"example.com/a", "v1.0.0"}, {"example.com/b", "v1.1.0"}}));
  EXPECT_EQ(
      txt.replaced,
      (std::vector<Module>{{"example.com/b", "v1.1.0"}, {"example.com/c", "v1.2.0"}, {"example.com/e", ""}}));
  EXPECT_TRUE(txt.find({"example.com/a", "v1.0.0"})->explicit_);
  EXPECT_EQ(txt.find({"example.com/a", "v1.0.0"})->go_version, "1.17");
  EXPECT_EQ(txt.find({"example.com/b", "v1.1.0"})->replacement, (Module{"./b", ""}));
  EXPECT_EQ(txt.find({"example.com/c", "v1.2.0"})->replacement, (Module{"example.com/d", "v1.3.0"}));
  EXPECT_EQ(txt.find({"example.com/e", ""})->replacement, (Module{"example.com/f", "v1.4.0"}));
  EXPECT_EQ(txt.module_of_package.at("example.com/a/sub"), (Module{"example.com/a", "v1.0.0"}));
  EXPECT_FALSE(txt.module_of_package.contains("example.com/lost"));
}

TEST(ModulesTxt, of_a_workspace_says_so_at_the_top) {
  EXPECT_TRUE(parse_modules_txt("## workspace\n# example.com/a v1.0.0\n").is_workspace);
  EXPECT_FALSE(parse_modules_txt("# example.com/a v1.0.0\n## workspace\n").is_workspace);
  EXPECT_FALSE(parse_modules_txt("").is_workspace);
}

}  // namespace
}  // namespace larder::gomod
