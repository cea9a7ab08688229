// SPDX-License-Identifier: Apache-2.0
#include "vcs/repo_root.hpp"

#include <map>

#include <gtest/gtest.h>

namespace larder::vcs {
namespace {

struct StaticCase {
  const char* name;
  const char* path;
  std::optional<RepoRoot> root;  // none: ask for the page
  const char* error;             // nullptr: none
};
class StaticRoot : public testing::TestWithParam<StaticCase> {};
TEST_P(StaticRoot, by_path) {
  const auto& row = GetParam();
  const auto got = static_repo_root(row.path);
  ASSERT_EQ(got.has_value(), row.error == nullptr);
  if (row.error) {
    EXPECT_EQ(got.error().message(), row.error);
  } else {
    EXPECT_EQ(*got, row.root);
  }
}
RepoRoot git_at(const std::string& root) {
  return {"git", "https://" + root, root, ""};
}
INSTANTIATE_TEST_SUITE_P(
    All, StaticRoot,
    testing::Values(
        StaticCase{"repository", "github.com/u/r", git_at("github.com/u/r"), nullptr},
        StaticCase{"below", "github.com/u/r/a/v2", git_at("github.com/u/r"), nullptr},
        StaticCase{"user_only", "github.com/u", {}, "invalid github.com import path \"github.com/u\""},
        StaticCase{"host_only", "github.com", {}, "invalid github.com import path \"github.com\""},
        StaticCase{"suffix", "github.com/u/r.git", {}, "invalid version control suffix in github.com/ path"},
        StaticCase{
            "odd_element", "github.com/u/r/~a", {}, "invalid github.com import path \"github.com/u/r/~a\""},
        StaticCase{"other_host", "github.company.test/u/r", {}, nullptr},
        StaticCase{"jazz", "hub.jazz.net/git/u1/r.x/y", git_at("hub.jazz.net/git/u1/r.x"), nullptr},
        StaticCase{"jazz_elsewhere", "hub.jazz.net/x", {}, nullptr},
        StaticCase{"apache", "git.apache.org/a.git/b", git_at("git.apache.org/a.git"), nullptr},
        StaticCase{"apache_without_git",
                   "git.apache.org/a",
                   {},
                   "invalid git.apache.org import path \"git.apache.org/a\""},
        StaticCase{"chisel", "chiselapp.com/user/u/repository/r",
                   RepoRoot{"fossil", "https://chiselapp.com/user/u/repository/r",
                            "chiselapp.com/user/u/repository/r", ""},
                   nullptr},
        StaticCase{"by_suffix", "a.test/x/r.git/sub/v2", RepoRoot{"git", "a.test/x/r", "a.test/x/r.git", ""},
                   nullptr},
        StaticCase{"first_suffix", "a.test/r.hg/s.git", RepoRoot{"hg", "a.test/r", "a.test/r.hg", ""},
                   nullptr},
        StaticCase{"double_suffix", "a.test/r.git.git",
                   RepoRoot{"git", "a.test/r.git", "a.test/r.git.git", ""}, nullptr},
        StaticCase{"home", "a.test/~u/r.git", RepoRoot{"git", "a.test/~u/r", "a.test/~u/r.git", ""}, nullptr},
        StaticCase{"only_a_suffix", "a.test/.git", {}, nullptr},
        StaticCase{"host_with_suffix", "a.git/x", {}, nullptr},
        StaticCase{"dynamic", "a.test/x/y", {}, nullptr}, StaticCase{"empty", "", {}, nullptr}),
    [](const auto& row) { return std::string(row.param.name); });

// Pages by path; https only.
class FakePages final : public Pages {
 public:
  std::map<std::string, std::string, std::less<>> pages;
  mutable std::vector<std::string> asked;

  Result<Page> get(std::string_view path, bool insecure, std::stop_token) const override {
    asked.push_back(std::string(insecure ? "insecure " : "") + std::string(path));
    const std::string url = "https://" + std::string(path) + "?go-get=1";
    const auto it = pages.find(path);
    if (it != pages.end()) return Page{url, it->second, std::nullopt};
    return Page{url, "", Error(Kind::not_found, "reading " + url + ": 404 Not Found")};
  }
};
std::string tag(const std::string& content) {
  return "<meta name=\"go-import\" content=\"" + content + "\">";
}
struct Lookup {
  FakePages pages;
  LookupOptions options;
  std::string operator()(const std::string& path) const {
    const auto got = find_repo_root(path, pages, options, {});
    return got ? got->vcs + " " + got->repo + " " + got->root + " " + got->subdir : got.error().message();
  }
};

TEST(FindRepoRoot, the_page_of_the_prefix_has_to_agree) {
  Lookup lookup;
  lookup.pages.pages["a.test/m"] = tag("a.test/m git https://g.test/m d");
  lookup.pages.pages["a.test/m/in"] = tag("a.test/m git https://g.test/m d");
  EXPECT_EQ(lookup("a.test/m"), "git https://g.test/m a.test/m d");
  EXPECT_EQ(lookup.pages.asked, (std::vector<std::string>{"a.test/m"}));
  EXPECT_EQ(lookup("a.test/m/in"), "git https://g.test/m a.test/m d");
  lookup.pages.pages["a.test/m"] = tag("a.test/m git https://evil.test/m d");
  EXPECT_EQ(lookup("a.test/m/in"),
            "unrecognized import path \"a.test/m/in\": https://a.test/m/in?go-get=1 and //a.test/m?go-get=1 "
            "disagree "
            "about go-import for a.test/m");
}

TEST(FindRepoRoot, a_program_that_may_not_run_is_refused) {
  Lookup lookup;
  lookup.pages.pages["a.test/m"] = tag("a.test/m svn https://g.test/m");
  EXPECT_EQ(lookup("a.test/m"),
            "unrecognized import path \"a.test/m\": GOVCS disallows using svn for public a.test/m; see 'go "
            "help vcs'");
  lookup.options.govcs = "*:off";
  EXPECT_EQ(lookup("github.com/u/r"),
            "GOVCS disallows using git for public github.com/u/r; see 'go help vcs'");
  lookup.pages.pages["a.test/m"] = tag("a.test/m mod https://p.test");
  EXPECT_EQ(lookup("a.test/m"), "mod https://p.test a.test/m ");
}

TEST(FindRepoRoot, schemes_are_tried_in_order) {
  Lookup lookup;
  std::vector<std::string> tried;
  lookup.options.is_git = [&](const std::string& url, std::stop_token) {
    tried.push_back(url);
    return url.starts_with("ssh:");
  };
  EXPECT_EQ(lookup("a.test/r.git/x"), "git ssh://a.test/r a.test/r.git ");
  EXPECT_EQ(tried, (std::vector<std::string>{"https://a.test/r", "git+ssh://a.test/r", "ssh://a.test/r"}));
  lookup.options.git_allow_protocol = "http:git";
  EXPECT_EQ(lookup("a.test/r.git"), "no secure protocol found for repository");
  EXPECT_EQ(tried.back(), "http://a.test/r");
}

TEST(FindRepoRoot, insecure_is_passed_on) {
  Lookup lookup;
  lookup.options.insecure = true;
  EXPECT_EQ(lookup("a.test/m"),
            "unrecognized import path \"a.test/m\": reading https://a.test/m?go-get=1: 404 Not Found");
  EXPECT_EQ(lookup.pages.asked, (std::vector<std::string>{"insecure a.test/m"}));
}

}  // namespace
}  // namespace larder::vcs
