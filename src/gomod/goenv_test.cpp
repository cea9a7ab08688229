// SPDX-License-Identifier: Apache-2.0
#include "gomod/goenv.hpp"

#include <gtest/gtest.h>

namespace larder::gomod {
namespace {

TEST(GoEnv, file) {
  const auto env = parse_go_env(
      "GOPROXY=https://a.test|direct\n"
      "# comment=x\n"
      "lower=1\n"
      " GOSUMDB=indented\n"
      "NOEQUALS\n"
      "GOFLAGS=-mod=mod  -x \n"
      "=empty\n"
      "GOPRIVATE=\n"
      "GOPROXY=off");
  const std::map<std::string, std::string> want = {
      {"GOPROXY", "off"}, {"GOFLAGS", "-mod=mod  -x "}, {"GOPRIVATE", ""}};
  EXPECT_EQ(env, want);
}

TEST(GoFlags, splits) {
  const std::vector<GoFlag> want = {
      {"mod", "mod"}, {"x", std::nullopt}, {"ldflags", "-s"}, {"tags", ""}, {"modcacherw", std::nullopt}};
  EXPECT_EQ(*parse_goflags(" -mod=mod\t-x --ldflags=-s -tags=  --modcacherw "), want);
  EXPECT_TRUE(parse_goflags("")->empty());
}

TEST(GoFlags, quotes_hold_a_flag_together) {
  const auto got = parse_goflags(R"('-ldflags=-X a=b' "-tags=it's" -x)");
  ASSERT_TRUE(got);
  const std::vector<GoFlag> want{{"ldflags", "-X a=b"}, {"tags", "it's"}, {"x", std::nullopt}};
  EXPECT_EQ(*got, want);
  EXPECT_EQ(parse_goflags("-x '-y").error().message(), "parsing $GOFLAGS: unterminated ' string");
}

TEST(GoFlags, refuses) {
  for (const std::string bad : {"x", "-", "--", "---x", "-=v", "--=v"}) {
    const auto got = parse_goflags("-x " + bad);
    ASSERT_FALSE(got) << bad;
    EXPECT_EQ(got.error().message(), "parsing $GOFLAGS: non-flag \"" + bad + "\"");
  }
  EXPECT_TRUE(check_goflags(*parse_goflags("-mod=vendor -race -modcacherw -test.v -C=x")));
  EXPECT_EQ(check_goflags(*parse_goflags("-mod=mod --foo=3")).error().message(),
            "parsing $GOFLAGS: unknown flag -foo");
}

}  // namespace
}  // namespace larder::gomod
