// SPDX-License-Identifier: Apache-2.0
#include "http/redirect.hpp"

#include <gtest/gtest.h>

namespace larder::http {
namespace {

struct RedirectCase {
  const char* from;
  const char* location;
  unsigned made;
  const char* result;  // URL, or the error
};
class Redirect : public testing::TestWithParam<RedirectCase> {};
TEST_P(Redirect, table) {
  const auto from = Url::parse(GetParam().from);
  ASSERT_TRUE(from);
  const auto to = redirect_target(*from, GetParam().location, GetParam().made, {10});
  EXPECT_EQ(to ? to->redacted() : to.error().message(), GetParam().result);
  if (to) return;
  EXPECT_EQ(to.error().kind(), Kind::invalid);
}
INSTANTIATE_TEST_SUITE_P(
    Http, Redirect,
    testing::Values(
        RedirectCase{"http://a.test/x", "/y", 9, "http://a.test/y"},
        RedirectCase{"http://a.test/x", "/y", 10, "Get \"/y\": stopped after 10 redirects"},
        RedirectCase{"http://a.test/x", "https://b.test/y", 1, "https://b.test/y"},
        RedirectCase{"https://a.test/x", "https://b.test/y", 1, "https://b.test/y"},
        RedirectCase{
            "https://me:pw@a.test/x", "http://u:secret@b.test/y", 1,
            "Get \"http://u:xxxxx@b.test/y\": redirected from secure URL https://me:xxxxx@a.test/x to "
            "insecure URL http://u:xxxxx@b.test/y"},
        RedirectCase{"https://a.test/x", "https://u:secret@b.test/y", 1, "https://b.test/y"},
        RedirectCase{"https://me:pw@a.test/x", "y", 1, "https://a.test/y"},
        RedirectCase{"http://a.test/x", "ftp://b.test/", 1,
                     "Get \"ftp://b.test/\": unsupported protocol scheme \"ftp\""},
        RedirectCase{"http://a.test/x", "file:///etc/passwd", 1,
                     "Get \"file:///etc/passwd\": unsupported protocol scheme \"file\""}));

}  // namespace
}  // namespace larder::http
