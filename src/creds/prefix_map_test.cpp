// SPDX-License-Identifier: Apache-2.0
#include "creds/prefix_map.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace larder::creds {
namespace {

TEST(PrefixMap, the_longest_prefix_of_whole_elements_wins) {
  PrefixMap<std::string> map;
  map.store("https://a.test", "host");
  map.store("a.test/team/", "team");
  map.store("https://a.test:8443/x", "port");
  struct Case {
    std::string url;
    std::string want;
  };
  const std::vector<Case> cases = {
      {"https://a.test", "host"},
      {"https://a.test/", "host"},
      {"https://a.test/other/x", "host"},
      {"https://a.test/team", "team"},
      {"https://a.test/team/", "team"},
      {"https://a.test/team/x/y?go-get=1", "team"},
      {"https://a.test/team?go-get=1", "host"},
      {"https://a.test/teams", "host"},
      {"https://a.test:8443/x/y", "port"},
      {"https://a.test:8443/y", ""},
      {"https://a.test.evil/team", ""},
      {"https://b.test/a.test", ""},
      {"https://sub.a.test/", ""},
  };
  for (const auto& [url, want] : cases) {
    const auto* got = map.find(url);
    EXPECT_EQ(got ? *got : "", want) << url;
  }
}

TEST(PrefixMap, hosts_have_no_case) {
  PrefixMap<std::string> map;
  map.store("https://A.Test/Team", "team");
  ASSERT_NE(map.find("https://a.test/Team/x"), nullptr);
  EXPECT_EQ(map.find("https://a.test/team/x"), nullptr);
  map.remove("https://a.test/Team/");
  EXPECT_EQ(map.find("https://a.test/Team/x"), nullptr);
}

}  // namespace
}  // namespace larder::creds
