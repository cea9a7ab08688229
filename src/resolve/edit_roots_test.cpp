// SPDX-License-Identifier: Apache-2.0
#include "resolve/edit_roots.hpp"

#include <gtest/gtest.h>

#include "resolve/test_universe.hpp"

namespace larder::resolve {
namespace {

using testing::modules;
using testing::single;
using testing::str;
using testing::Universe;

// v1.5.0 -> v1.4.0 … v1.0.0 -> none
class Minors final : public VersionHistory {
 public:
  Result<std::string> previous(const Module& m) override {
    asked += m.str() + " ";
    const int minor = m.version[3] - '0';
    return minor == 0 ? std::string(k_none) : "v1." + std::to_string(minor - 1) + ".0";
  }
  std::string asked;
};

struct Case {
  const char* name;
  const char* universe;
  const char* main;
  const char* must;
  const char* roots;  // "!": an error
};

constexpr Case k_cases[] = {
    {"nothing to do", "b@v1.0.0 1.17:", "m 1.17: b@v1.0.0", "b@v1.0.0", "b@v1.0.0 go@1.17"},
    {"a root rises", "b@v1.0.0 1.17:\nb@v1.1.0 1.17:", "m 1.17: b@v1.0.0", "b@v1.1.0", "b@v1.1.0 go@1.17"},
    {"what is not listed is", "b@v1.0.0 1.17: c@v1.0.0\nc@v1.0.0 1.17:\nc@v1.1.0 1.17:", "m 1.17: b@v1.0.0",
     "c@v1.1.0", "b@v1.0.0 c@v1.1.0 go@1.17"},
    {"others follow", "b@v1.0.0 1.17:\nb@v1.1.0 1.17: c@v1.1.0\nc@v1.0.0 1.17:\nc@v1.1.0 1.17:",
     "m 1.17: b@v1.0.0 c@v1.0.0", "b@v1.1.0", "b@v1.1.0 c@v1.1.0 go@1.17"},
    {"a contradiction", "b@v1.0.0 1.17:\nb@v1.1.0 1.17: c@v1.1.0\nc@v1.0.0 1.17:\nc@v1.1.0 1.17:",
     "m 1.17: b@v1.0.0 c@v1.0.0", "b@v1.1.0 c@v1.0.0", "!"},
    {"an obstacle is lowered", "b@v1.0.0 1.17:\nb@v1.1.0 1.17: c@v1.1.0\nc@v1.0.0 1.17:\nc@v1.1.0 1.17:",
     "m 1.17: b@v1.1.0 c@v1.1.0", "c@v1.0.0", "b@v1.0.0 c@v1.0.0 go@1.17"},
    {"or goes", "b@v1.0.0 1.17: c@v1.1.0\nc@v1.0.0 1.17:\nc@v1.1.0 1.17:", "m 1.17: b@v1.0.0 c@v1.1.0",
     "c@v1.0.0", "c@v1.0.0 go@1.17"},
    {"pruned away is no obstacle",
     "b@v1.0.0 1.17: d@v1.0.0\nd@v1.0.0 1.17: e@v1.0.0\ne@v1.0.0 1.17: c@v1.1.0\nc@v1.0.0 1.17:\nc@v1.1.0 "
     "1.17:",
     "m 1.17: b@v1.0.0", "c@v1.0.0", "b@v1.0.0 c@v1.0.0 go@1.17"},
    {"below an old module it is",
     "b@v1.0.0 1.16: d@v1.0.0\nd@v1.0.0 1.17: e@v1.0.0\ne@v1.0.0 1.17: c@v1.1.0\nc@v1.0.0 1.17:\nc@v1.1.0 "
     "1.17:",
     "m 1.17: b@v1.0.0", "c@v1.0.0", "c@v1.0.0 go@1.17"},
    {"unpruned lists no more than needed", "b@v1.0.0 1.16: c@v1.1.0\nc@v1.0.0 1.16:\nc@v1.1.0 1.16:",
     "m 1.16: b@v1.0.0 ~c@v1.0.0", "b@v1.0.0", "b@v1.0.0 go@1.16"},
    {"a go line turns pruning on", "b@v1.0.0 1.16: c@v1.0.0\nb@v1.1.0 1.21: c@v1.0.0\nc@v1.0.0 1.16:",
     "m 1.16: b@v1.0.0", "b@v1.1.0", "b@v1.1.0 c@v1.0.0 go@1.21 toolchain@go1.21"},
    {"unreadable and there before",
     "b@v1.0.0 !cut\nc@v1.0.0 1.17:\nc@v1.1.0 1.17:", "m 1.17: b@v1.0.0 c@v1.0.0", "c@v1.1.0", "!"},
};

TEST(SelectVersions, Cases) {
  for (const auto& c : k_cases) {
    for (unsigned seed = 0; seed < 3; ++seed) {
      Universe universe(c.universe, seed);
      Resolver resolver(single(c.main), universe);
      Minors history;
      const auto start = resolver.initial();
      ASSERT_TRUE(start);
      const auto must = modules(c.must);
      const auto have = select_versions(resolver, *start, must, history, [](const std::string&) {});
      EXPECT_EQ(have ? str(have->roots) : "!", c.roots) << c.name;
    }
  }
}

TEST(SelectVersions, DirectPathsStayDirect) {
  Universe universe("b@v1.0.0 1.17:\nb@v1.1.0 1.17:\nc@v1.0.0 1.17:");
  Resolver resolver(single("m 1.17: b@v1.0.0 ~c@v1.0.0"), universe);
  Minors history;
  const auto must = modules("b@v1.1.0");
  const auto have = select_versions(resolver, *resolver.initial(), must, history, [](const std::string&) {});
  ASSERT_TRUE(have);
  EXPECT_EQ(have->direct, (std::set<std::string, std::less<>>{"b", "go"}));
  EXPECT_EQ(history.asked, "");
}

}  // namespace
}  // namespace larder::resolve
