// SPDX-License-Identifier: Apache-2.0
#include "gomod/goversion.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace larder::gomod {
namespace {

TEST(GoVersion, order) {
  const std::vector<std::vector<std::string>> ascending = {
      {"", "go1.21", "1.21.1rc1", "1.x", "v1.21", "01", "1.02", "1.21.", "1.21rc01", "1.21-x", "1.21.3.4"},
      {"1", "1.0", "1.0.0"},
      {"1.2rc1"},
      {"1.5", "1.5.0"},
      {"1.20rc1"},
      {"1.20", "1.20.0"},
      {"1.20.1"},
      {"1.21"},
      {"1.21alpha1"},
      {"1.21beta2"},
      {"1.21rc"},
      {"1.21rc1"},
      {"1.21rc10"},
      {"1.21.0"},
      {"1.21.10"},
      {"1.100"},
      {"2", "2.0"},
      {"99999999999999999999.1"},
  };
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      for (const auto& a : ascending[i]) {
        EXPECT_EQ(goversion::valid(a), i > 0) << a;
        for (const auto& b : ascending[j])
          EXPECT_EQ(goversion::compare(a, b), i < j ? -1 : i > j ? 1 : 0) << a << " " << b;
      }
    }
  }
  EXPECT_EQ(goversion::max("1.21rc1", "1.21"), "1.21rc1");
  EXPECT_EQ(goversion::max("1.20", "1.20.0"), "1.20");
}

TEST(GoVersion, parts) {
  struct Case {
    const char* v;
    const char* lang;
    const char* prev;
    bool is_lang;
  };
  const std::vector<Case> cases = {{"1.21.3", "1.21", "1.20", false},
                                   {"1.21rc1", "1.21", "1.20", false},
                                   {"1.21", "1.21", "1.20", true},
                                   {"1.20", "1.20", "1.19", false},
                                   {"1.100", "1.100", "1.99", true},
                                   {"1.1", "1.1", "1", false},
                                   {"1", "1", "1", false},
                                   {"1.0", "1", "1", false},
                                   {"2", "2.0", "2", false},
                                   {"1.x", "", "", false},
                                   {"1.1000", "1.1000", "1.999", true}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.v);
    EXPECT_EQ(goversion::lang(c.v), c.lang);
    EXPECT_EQ(goversion::prev(c.v), c.prev);
    EXPECT_EQ(goversion::is_lang(c.v), c.is_lang);
  }
}

TEST(GoVersion, from_toolchain) {
  const std::vector<std::pair<const char*, const char*>> cases = {{"go1.21.3", "1.21.3"},
                                                                  {"go1.21.3-custom", "1.21.3"},
                                                                  {"go1.21.3 X:exp", "1.21.3"},
                                                                  {"go1.21rc1\tx", "1.21rc1"},
                                                                  {"1.21", ""},
                                                                  {"go", ""},
                                                                  {"gone", ""},
                                                                  {"default", ""},
                                                                  {"go1.21/../x", ""},
                                                                  {"go1.21\\x", ""},
                                                                  {"go1.21x!", ""},
                                                                  {"", ""}};
  for (const auto& [name, want] : cases) EXPECT_EQ(goversion::from_toolchain(name), want) << name;
}

}  // namespace
}  // namespace larder::gomod
