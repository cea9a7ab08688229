// SPDX-License-Identifier: Apache-2.0
#include "vcs/refs.hpp"

#include <gtest/gtest.h>

#include "vcs/git_repo.hpp"
#include "vcs/utc.hpp"

namespace larder::vcs {
namespace {

const std::string k_a(40, 'a');
const std::string k_b(40, 'b');
const std::string k_ab = std::string(10, 'a') + std::string(30, 'b');

TEST(Refs, annotated_tags_stand_for_their_commit) {
  const auto refs =
      parse_refs(k_a + "\tHEAD\n" + k_a + "\trefs/heads/main\n" + k_b + "\trefs/tags/v1.0.0\n" + k_a +
                 "\trefs/tags/v1.0.0^{}\n" + k_b + "\trefs/pull/1/head\nxyz\trefs/heads/bad\nno\n");
  EXPECT_EQ(refs, (Refs{{"HEAD", k_a}, {"refs/heads/main", k_a}, {"refs/tags/v1.0.0", k_a}}));
}

TEST(Refs, only_versions_count_for_the_sum_of_tags) {
  const Refs plain = {{"refs/tags/s/v1.0.0", k_a}};
  Refs more = plain;
  for (const auto* tag :
       {"refs/tags/s/v1", "refs/tags/s/x", "refs/tags/s/v0.0.0-20240102030405-aaaaaaaaaaaa"}) {
    more[tag] = k_b;
  }
  EXPECT_EQ(tags_with_prefix(plain, "u", "s/").origin.tag_sum,
            tags_with_prefix(more, "u", "s/").origin.tag_sum);
  EXPECT_EQ(tags_with_prefix(more, "u", "s/").list.size(), 4U);
  EXPECT_EQ(tags_with_prefix(more, "u", "t/").list.size(), 0U);
  more["refs/tags/s/v1.0.1+meta"] = k_b;
  EXPECT_NE(tags_with_prefix(plain, "u", "s/").origin.tag_sum,
            tags_with_prefix(more, "u", "s/").origin.tag_sum);
}

TEST(Refs, a_short_commit_has_to_be_unique) {
  const Refs refs = {{"refs/heads/a", k_a}, {"refs/heads/b", k_ab}, {"refs/tags/a", k_a}};
  EXPECT_EQ(find_commit(refs, "aaaaaaaaaaaa").value().ref, "refs/heads/a");
  EXPECT_EQ(find_commit(refs, "bbbbbbb").value().hash, "");
  EXPECT_EQ(find_commit(refs, "aaaaaaa").error().message(), "ambiguous revision aaaaaaa");
}

TEST(Refs, an_origin_holds_as_long_as_nothing_of_it_moved) {
  const Refs refs = {{"HEAD", k_a}, {"refs/heads/main", k_a}, {"refs/tags/v1.0.0", k_b}};
  Origin all = tags_with_prefix(refs, "u", "").origin;
  all.ref = "HEAD";
  all.hash = k_a;
  all.repo_sum = repo_sum(refs);
  EXPECT_TRUE(check_origin(all, "u", ""));
  EXPECT_TRUE(still_holds(all, refs));
  const auto why = [&](const Origin& old, const Refs& now) {
    return still_holds(old, now).error().message();
  };
  auto moved = refs;
  moved["HEAD"] = k_b;
  EXPECT_EQ(why(all, moved), "ref \"HEAD\" moved from " + k_a + " to " + k_b);
  moved.erase("HEAD");
  EXPECT_EQ(why(all, moved), "ref \"HEAD\" deleted");
  auto tagged = refs;
  tagged["refs/tags/v1.1.0"] = k_a;
  EXPECT_EQ(why(all, tagged), "tags changed");
  auto branched = refs;
  branched["refs/heads/side"] = k_a;
  EXPECT_EQ(why(all, branched), "refs changed");
  Origin commit;
  commit.vcs = "git";
  commit.url = "u";
  commit.hash = k_ab;
  EXPECT_TRUE(check_origin(commit, "u", ""));
  EXPECT_TRUE(still_holds(commit, refs));  // there is no asking for it
}

TEST(Refs, an_origin_is_of_one_folder_and_says_something) {
  Origin origin;
  origin.vcs = "git";
  origin.url = "u";
  origin.subdir = "s";
  EXPECT_EQ(check_origin(origin, "u", "s").error().message(), "non-specific origin");
  origin.ref = "HEAD";
  EXPECT_FALSE(check_origin(origin, "u", "s"));
  origin.tag_sum = "t1:";
  EXPECT_TRUE(check_origin(origin, "u", "s"));
  EXPECT_FALSE(check_origin(origin, "u", ""));
  EXPECT_FALSE(check_origin(origin, "v", "s"));
  origin.vcs = "hg";
  EXPECT_FALSE(check_origin(origin, "u", "s"));
}

struct RemoteCase {
  const char* name;
  const char* url;
  const char* error;  // nullptr: fine
};
class Remote : public testing::TestWithParam<RemoteCase> {};
TEST_P(Remote, verdict) {
  const auto got = check_remote(GetParam().url);
  ASSERT_EQ(got.has_value(), GetParam().error == nullptr);
  if (!got) {
    EXPECT_EQ(got.error().message(), "git remote " + std::string(GetParam().error));
  }
}
INSTANTIATE_TEST_SUITE_P(
    All, Remote,
    testing::Values(RemoteCase{"https", "https://a.test/r", nullptr},
                    RemoteCase{"ssh", "ssh://git@a.test:22/r", nullptr},
                    RemoteCase{"folder", "/etc", "(/etc) must not be local directory"},
                    RemoteCase{"option", "--upload-pack=x", "(--upload-pack=x) must not be local directory"},
                    RemoteCase{
                        "scp", "a.test:r",
                        "(a.test:r) must not be local directory (use URL syntax not host:path syntax)"},
                    RemoteCase{"ext", "ext::sh",
                               "(ext::sh) must not be local directory (use URL syntax not host:path syntax)"},
                    RemoteCase{"ext_url", "ext::sh -c x://y",
                               "(ext::sh -c x://y): scheme \"ext::sh -c x\" is not allowed"},
                    RemoteCase{"file", "file:///etc", "(file:///etc): scheme \"file\" is not allowed"},
                    RemoteCase{"option_as_host", "ssh://-oProxyCommand=x/r",
                               "(ssh://-oProxyCommand=x/r): malformed host"},
                    RemoteCase{"option_as_host_with_user", "ssh://u@-oProxyCommand=x/r",
                               "(ssh://u@-oProxyCommand=x/r): malformed host"},
                    RemoteCase{"no_host", "https:///r", "(https:///r): malformed host"},
                    RemoteCase{"newline", "https://a.test/r\nx", "\"https://a.test/r\\nx\": malformed URL"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(Utc, digits_and_rfc3339) {
  EXPECT_EQ(utc_digits(1704164645), "20240102030405");
  EXPECT_EQ(utc_rfc3339(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(utc_rfc3339(253402300799), "9999-12-31T23:59:59Z");
  EXPECT_EQ(utc_rfc3339(253402300800), std::nullopt);
  EXPECT_EQ(utc_rfc3339(-62167219200), "0000-01-01T00:00:00Z");
  EXPECT_EQ(utc_rfc3339(-62167219201), std::nullopt);
  EXPECT_EQ(utc_digits(INT64_MIN), std::nullopt);
}

}  // namespace
}  // namespace larder::vcs
