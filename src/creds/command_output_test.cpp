// SPDX-License-Identifier: Apache-2.0
#include "creds/command_output.hpp"

#include <gtest/gtest.h>

namespace larder::creds {
namespace {

TEST(CommandOutput, blocks_of_urls_and_headers) {
  const auto got = parse_command_output(
      "https://a.test\nhttps://b.test/team\n\nauthorization:   Basic x \nX-Team: a: "
      "b\n\nhttps://a.test/gone\n\n\n");
  ASSERT_TRUE(got) << got.error().message();
  const http::Headers both = {{"Authorization", "Basic x"}, {"X-Team", "a: b"}};
  ASSERT_EQ(got->size(), 3U);
  EXPECT_EQ(got->at(0).prefix, "https://a.test");
  EXPECT_EQ(got->at(0).headers, both);
  EXPECT_EQ(got->at(1).prefix, "https://b.test/team");
  EXPECT_EQ(got->at(1).headers, both);
  EXPECT_EQ(got->at(2).prefix, "https://a.test/gone");
  EXPECT_TRUE(got->at(2).headers.empty());
  EXPECT_TRUE(parse_command_output("").value().empty());
}

TEST(CommandOutput, what_is_malformed) {
  struct Case {
    std::string name;
    std::string text;
    std::string want;
  };
  const std::vector<Case> cases = {
      {"no end of URLs", "https://a.test\n", "invalid format: missing empty line after URLs"},
      {"no line end", "https://a.test", "invalid format: missing empty line after URLs"},
      {"no end of headers", "https://a.test\n\nA: b\n", "invalid format: missing empty line after headers"},
      {"no URL", "token-of-mine\n\nA: b\n\n", "could not parse URL in line 1"},
      {"carriage return", "https://a.test\r\n\r\nA: b\r\n\r\n", "could not parse URL in line 1"},
      {"second line", "https://a.test\nnope\n\nA: b\n\n", "could not parse URL in line 2"},
      {"no colon", "https://a.test\n\nsecret\n\n", "invalid format: invalid header line"},
      {"no space", "https://a.test\n\nA:b\n\n", "invalid format: invalid header line"},
      {"no name", "https://a.test\n\n: b\n\n", "invalid format: invalid header line"},
      {"bad name", "https://a.test\n\nA B: c\n\n", "invalid format: invalid header line"},
      {"control in value",
       "https://a.test\n\nA: b\x01"
       "c\n\n",
       "invalid format: invalid header line"},
      {"header smuggled", "https://a.test\n\nA: b\rB: c\n\n", "invalid format: invalid header line"},
  };
  for (const auto& [name, text, want] : cases) {
    const auto got = parse_command_output(text);
    ASSERT_FALSE(got) << name;
    EXPECT_EQ(got.error().message(), want) << name;
  }
}

TEST(CommandOutput, what_git_says) {
  struct Case {
    std::string name;
    std::string text;
    std::string prefix;
    std::string user;
    std::string password;
  };
  const std::vector<Case> cases = {
      {"all", "protocol=https\nhost=a.test\nusername=me\npassword=x=y\n", "https://a.test", "me", "x=y"},
      {"path", "protocol=https\nhost=a.test\npath=team/x\n", "https://a.test/team/x", "", ""},
      {"url", "url=https://a.test/team\nusername=me\npassword=p\n", "https://a.test/team", "me", "p"},
      {"bad url", "protocol=https\nhost=a.test\nurl=::\n", "https://a.test", "", ""},
      {"noise", "hello\nprotocol=https\n  host=a.test\n", "https://a.test", "", ""},
      {"no host", "protocol=https\nusername=me\n", "", "me", ""},
      {"nothing", "", "", "", ""},
  };
  for (const auto& [name, text, prefix, user, password] : cases) {
    const auto got = parse_git_credential(text);
    EXPECT_EQ(got.prefix, prefix) << name;
    EXPECT_EQ(got.user, user) << name;
    EXPECT_EQ(got.password, password) << name;
  }
}

TEST(CommandOutput, header_names_and_basic) {
  EXPECT_EQ(canonical_header_name("www-AUTHENTICATE"), "Www-Authenticate");
  EXPECT_EQ(canonical_header_name("etag"), "Etag");
  const http::Headers want = {{"Authorization", "Basic YWxhZGRpbjpvcGVuc2VzYW1l"}};
  EXPECT_EQ(basic_authorization("aladdin", "opensesame"), want);
}

}  // namespace
}  // namespace larder::creds
