// SPDX-License-Identifier: Apache-2.0
#include "http/secrets.hpp"

#include <gtest/gtest.h>

namespace larder::http {
namespace {

std::string hidden(std::string text, const std::vector<std::string>& secrets) {
  hide(text, secrets);
  return text;
}

TEST(Secrets, of_headers) {
  const auto token = secrets_of({{"Authorization", "Bearer s3cr3t"}, {"Private-Token", "glpat-1"}});
  EXPECT_EQ(hidden("no Bearer s3cr3t, s3cr3t s3cr3ts3cr3t", token), "no xxxxx, xxxxx xxxxxxxxxx");
  EXPECT_EQ(hidden("glpat-1 and glpat-2", token), "xxxxx and glpat-2");
  // me:p:w
  const auto basic = secrets_of({{"Authorization", "Basic bWU6cDp3"}});
  EXPECT_EQ(hidden("bWU6cDp3, me, p:w", basic), "xxxxx, me, xxxxx");
}

TEST(Secrets, of_a_user) {
  EXPECT_EQ(hidden("me bWU6cDp3 p:w", secrets_of("me", "p:w")), "me xxxxx xxxxx");
  EXPECT_EQ(hidden("nothing is hidden", secrets_of("me", "")), "nothing is hidden");
}

TEST(Secrets, one_that_hides_in_another) {
  EXPECT_EQ(hidden("abcdef abc", secrets_of({{"A", "abc"}, {"B", "abcdef"}})), "xxxxx xxxxx");
  EXPECT_EQ(hidden("xxxx", secrets_of({{"A", "xxx"}})), "xxxxxx");
}

}  // namespace
}  // namespace larder::http
