// SPDX-License-Identifier: Apache-2.0
#include "goscan/walk.hpp"

#include <gtest/gtest.h>

namespace larder::goscan {
namespace {

TEST(Walk, Names) {
  EXPECT_TRUE(is_hidden_folder("testdata"));
  EXPECT_TRUE(is_hidden_folder(".git"));
  EXPECT_TRUE(is_hidden_folder("_x"));
  EXPECT_FALSE(is_hidden_folder("vendor"));
  EXPECT_TRUE(is_source_name("a.go"));
  EXPECT_FALSE(is_source_name("_a.go"));
  EXPECT_FALSE(is_source_name(".a.go"));
  EXPECT_FALSE(is_source_name("a.s"));
  EXPECT_TRUE(is_test_name("a_test.go"));
  EXPECT_FALSE(is_test_name("test.go"));
}

TEST(Ignore, Rules) {
  const IgnoreRules rules({"./node_modules", "static/gen", "/web/"});
  for (const auto* folder :
       {"node_modules", "node_modules/x", "static/gen", "a/static/gen/b", "web", "a/web"}) {
    EXPECT_TRUE(rules.ignores(folder)) << folder;
  }
  for (const auto* folder :
       {"", "a/node_modules", "node_modules2", "static", "a/static", "webs", "static/generated"}) {
    EXPECT_FALSE(rules.ignores(folder)) << folder;
  }
}

}  // namespace
}  // namespace larder::goscan
