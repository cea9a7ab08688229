// SPDX-License-Identifier: Apache-2.0
#include "vcs/govcs.hpp"

#include <gtest/gtest.h>

namespace larder::vcs {
namespace {

struct GovcsCase {
  const char* name;
  const char* govcs;
  const char* vcs;
  const char* root;
  const char* error;  // nullptr: allowed
};
class Govcs : public testing::TestWithParam<GovcsCase> {};
TEST_P(Govcs, verdict) {
  const auto& row = GetParam();
  const auto got = check_govcs(row.govcs, "corp.test,*.corp.test", row.vcs, row.root);
  ASSERT_EQ(got.has_value(), row.error == nullptr);
  if (row.error) {
    EXPECT_EQ(got.error().message(), row.error);
  }
}
INSTANTIATE_TEST_SUITE_P(
    All, Govcs,
    testing::Values(
        GovcsCase{"default_git", "", "git", "a.test/m", nullptr},
        GovcsCase{"default_hg", "", "hg", "a.test/m", nullptr},
        GovcsCase{"default_svn", "", "svn", "a.test/m",
                  "GOVCS disallows using svn for public a.test/m; see 'go help vcs'"},
        GovcsCase{"private_svn", "", "svn", "git.corp.test/m", nullptr},
        GovcsCase{"off", "*:off", "git", "a.test/m",
                  "GOVCS disallows using git for public a.test/m; see 'go help vcs'"},
        GovcsCase{"off_is_for_private_too", "*:off", "git", "corp.test/m",
                  "GOVCS disallows using git for private corp.test/m; see 'go help vcs'"},
        GovcsCase{"first_match_wins", "a.test:svn | bzr, *:all", "git", "a.test/m",
                  "GOVCS disallows using git for public a.test/m; see 'go help vcs'"},
        GovcsCase{"falls_to_the_default", "b.test:off", "git", "a.test/m", nullptr},
        GovcsCase{"public_off", "public:off", "svn", "corp.test/m", nullptr},
        GovcsCase{"empty_entry", "a:git,,b:git", "git", "x.test", "empty entry in GOVCS"},
        GovcsCase{"no_colon", "git", "git", "x.test", "malformed entry in GOVCS (missing colon): \"git\""},
        GovcsCase{"no_pattern", ":git", "git", "x.test", "empty pattern in GOVCS: \":git\""},
        GovcsCase{"no_list", "a:", "git", "x.test", "empty VCS list in GOVCS: \"a:\""},
        GovcsCase{"relative", "./a:git", "git", "x.test", "relative pattern not allowed in GOVCS: \"./a\""},
        GovcsCase{"twice", "a:git,a:hg", "git", "x.test",
                  "unreachable pattern in GOVCS: \"a:hg\" after \"a:git\""},
        GovcsCase{"empty_name", "a:git||hg", "git", "x.test", "empty VCS name in GOVCS: \"a:git||hg\""}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace larder::vcs
