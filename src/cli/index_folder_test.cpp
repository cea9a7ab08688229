// SPDX-License-Identifier: Apache-2.0
#include "cli/index_folder.hpp"

#include <gtest/gtest.h>

namespace larder::cli {
namespace {

struct Case {
  std::string_view name;
  sys::Environment environment;
  std::string_view folder;
};

TEST(IndexFolder, ComesFromTheEnvironment) {
  const std::vector<Case> cases = {
      {"own", {{"LARDER_INDEX", "/i"}, {"XDG_CACHE_HOME", "/c"}, {"HOME", "/h"}}, "/i"},
      {"off", {{"LARDER_INDEX", "off"}, {"XDG_CACHE_HOME", "/c"}, {"HOME", "/h"}}, ""},
      {"relative is off", {{"LARDER_INDEX", "i"}, {"HOME", "/h"}}, ""},
      {"cache", {{"XDG_CACHE_HOME", "/c"}, {"HOME", "/h"}}, "/c/larder/index"},
      {"a relative cache does not count",
       {{"XDG_CACHE_HOME", "c"}, {"HOME", "/h"}},
       "/h/.cache/larder/index"},
      {"home", {{"HOME", "/h"}}, "/h/.cache/larder/index"},
      {"nobody's home", {}, ""},
  };
  for (const auto& c : cases) EXPECT_EQ(index_folder(c.environment).value, c.folder) << c.name;
}

}  // namespace
}  // namespace larder::cli
