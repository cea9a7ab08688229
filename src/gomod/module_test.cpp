// SPDX-License-Identifier: Apache-2.0
#include "gomod/module.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace larder::gomod {
namespace {

TEST(Module, str_and_split_are_inverses) {
  EXPECT_EQ((Module{"example.com/m", "v1.0.0"}.str()), "example.com/m@v1.0.0");
  EXPECT_EQ((Module{"example.com/m", ""}.str()), "example.com/m");
  for (const auto* text : {"example.com/m@v1.0.0", "example.com/m", "m@latest"})
    EXPECT_EQ(split_module(text).str(), text);
}

TEST(Module, less_is_path_then_version_then_suffix) {
  const std::vector<Module> sorted = {
      {"a", ""},         {"a", "none"},     {"a", "v1.2.0"},      {"a", "v1.2.0/go.mod"},
      {"a", "v1.2.0+a"}, {"a", "v1.2.0+b"}, {"a", "v1.9.0"},      {"a", "v1.10.0-rc"},
      {"a", "v1.10.0"},  {"a/b", "v1.0.0"}, {"a/b/v2", "v2.0.0"}, {"b", "v0.1.0"}};
  auto shuffled = sorted;
  std::reverse(shuffled.begin(), shuffled.end());
  std::sort(shuffled.begin(), shuffled.end(), module_less);
  EXPECT_EQ(shuffled, sorted);
}

TEST(Module, hash_follows_equality) {
  const ModuleHash hash;
  EXPECT_EQ(hash({"a", "v1.0.0"}), hash({"a", "v1.0.0"}));
  EXPECT_NE(hash({"a", "v1.0.0"}), hash({"a", "v1.0.1"}));
}

}  // namespace
}  // namespace larder::gomod
