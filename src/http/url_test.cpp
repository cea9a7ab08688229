// SPDX-License-Identifier: Apache-2.0
#include "http/url.hpp"

#include <gtest/gtest.h>

namespace larder::http {
namespace {

struct ParseCase {
  const char* text;
  const char* wire;      // "" where it is refused
  const char* redacted;  // or the error
};
class ParseUrl : public testing::TestWithParam<ParseCase> {};
TEST_P(ParseUrl, table) {
  const auto url = Url::parse(GetParam().text);
  if (GetParam().wire[0] == '\0') {
    ASSERT_FALSE(url) << url->str();
    EXPECT_EQ(url.error().message(), GetParam().redacted);
    EXPECT_EQ(url.error().kind(), Kind::invalid);
    return;
  }
  ASSERT_TRUE(url) << url.error().message();
  EXPECT_EQ(url->str(), GetParam().wire);
  EXPECT_EQ(url->redacted(), GetParam().redacted);
  const auto again = Url::parse(url->str());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->str(), url->str());
}
INSTANTIATE_TEST_SUITE_P(
    Url, ParseUrl,
    testing::Values(ParseCase{"http://example.com", "http://example.com/", "http://example.com/"},
                    ParseCase{"HTTPS://Example.COM:8443/A/%21b?q=1#f", "https://example.com:8443/A/%21b?q=1",
                              "https://example.com:8443/A/%21b?q=1"},
                    ParseCase{"https://h?q", "https://h/?q", "https://h/?q"},
                    ParseCase{"https://me@h/x", "https://h/x", "https://me@h/x"},
                    ParseCase{"https://me:p%40ss@h/x", "https://h/x", "https://me:xxxxx@h/x"},
                    ParseCase{"https://me:a@b@h/x", "https://h/x", "https://me:xxxxx@h/x"},
                    ParseCase{"http://[::1]:80/x", "http://[::1]:80/x", "http://[::1]:80/x"},
                    ParseCase{"http://h:/x", "http://h/x", "http://h/x"},
                    ParseCase{"http://h/a b\xc3\xa4", "http://h/a%20b%C3%A4", "http://h/a%20b%C3%A4"},
                    ParseCase{"ftp://h/x", "", "unsupported protocol scheme \"ftp\""},
                    ParseCase{"h/x", "", "unsupported protocol scheme \"\""},
                    ParseCase{"http:x", "", "parse \"http:x\": no host"},
                    ParseCase{"http://", "", "parse \"http://\": no host"},
                    ParseCase{"http:///x", "", "parse \"http:///x\": no host"},
                    ParseCase{"http://h:0/", "", "parse \"http://h:0/\": invalid port"},
                    ParseCase{"http://h:65536/", "", "parse \"http://h:65536/\": invalid port"},
                    ParseCase{"http://u:secret@h:x/", "", "parse \"http://u:xxxxx@h:x/\": invalid port"},
                    ParseCase{"http://a b/", "", "parse \"http://a b/\": invalid host"},
                    ParseCase{"http://[::1/x", "", "parse \"http://[::1/x\": missing ']' in host"},
                    ParseCase{"http://[x]/", "", "parse \"http://[x]/\": invalid host"},
                    ParseCase{"http://%zz@h/", "", "parse \"http://%zz@h/\": invalid userinfo"},
                    ParseCase{"http://h/\r\nX: y", "",
                              "parse \"http://h/\\r\\nX: y\": invalid control character in URL"}));

struct ResolveCase {
  const char* location;
  const char* result;
};
class ResolveUrl : public testing::TestWithParam<ResolveCase> {};
TEST_P(ResolveUrl, table) {
  const auto base = Url::parse("https://u:p@h:8443/a/b/c?q=1");
  ASSERT_TRUE(base);
  const auto url = base->resolve(GetParam().location);
  ASSERT_TRUE(url) << url.error().message();
  EXPECT_EQ(url->str(), GetParam().result);
  EXPECT_FALSE(url->user);
}
INSTANTIATE_TEST_SUITE_P(
    Url, ResolveUrl,
    testing::Values(ResolveCase{"http://other/x", "http://other/x"},
                    ResolveCase{"//other/x", "https://other/x"}, ResolveCase{"/x?y", "https://h:8443/x?y"},
                    ResolveCase{"d", "https://h:8443/a/b/d"}, ResolveCase{"./d", "https://h:8443/a/b/d"},
                    ResolveCase{"../d?z", "https://h:8443/a/d?z"},
                    ResolveCase{"../../../../d", "https://h:8443/d"}, ResolveCase{"..", "https://h:8443/a/"},
                    ResolveCase{"?z", "https://h:8443/a/b/c?z"},
                    ResolveCase{"#f", "https://h:8443/a/b/c?q=1"}, ResolveCase{"d#f", "https://h:8443/a/b/d"},
                    ResolveCase{"/", "https://h:8443/"}));

TEST(Redact, masks_passwords_anywhere) {
  EXPECT_EQ(redact("https://u:p@h/x@y"), "https://u:xxxxx@h/x@y");
  EXPECT_EQ(redact("file://u:p@h"), "file://u:xxxxx@h");
  EXPECT_EQ(redact("https://u@h"), "https://u@h");
  EXPECT_EQ(redact("https://h/a:b@c"), "https://h/a:b@c");
  EXPECT_EQ(redact("no url"), "no url");
  EXPECT_EQ(redact("https://u:p/a?s@s@h/x"), "https://u:xxxxx@h/x");
  EXPECT_EQ(redact("https://h:80/x@v1"), "https://h:80/x@v1");
  EXPECT_EQ(redact("https://[::1]:80/x@v1"), "https://[::1]:80/x@v1");
  EXPECT_EQ(redact("https://h:port/x"), "https://h:port/x");
}

TEST(EncodePath, is_undone_by_decode) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(percent_decode(encode_path(all)), all);
  EXPECT_EQ(encode_path("/github.com/!azure/@v/v1.0.0+incompatible.info"),
            "/github.com/%21azure/@v/v1.0.0+incompatible.info");
  EXPECT_EQ(percent_decode("%4"), std::nullopt);
  EXPECT_EQ(percent_decode("%g0"), std::nullopt);
}

}  // namespace
}  // namespace larder::http
