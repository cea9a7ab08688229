// SPDX-License-Identifier: Apache-2.0
#include "app/version_query.hpp"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "gomod/modfile.hpp"
#include "gomod/pseudo.hpp"
#include "gomod/semver.hpp"

namespace larder::app {
namespace {

// "PATH VERSION TIME GO.MOD": lists, times and go.mod files; "-" for a go.mod that was made up.
class Modules final : public VersionSource {
 public:
  void add(const std::string& path, const std::string& version, const std::string& mod = "",
           const std::string& time = "2020-01-01T00:00:00Z") {
    versions_[path][version] = {time, mod.empty() ? gomod::synthesize_mod(path) : mod};
  }
  std::string latest_commit;  // of any path
  bool off = false;
  int lists = 0;

  Result<std::vector<std::string>> list(const std::string& path) override {
    ++lists;
    if (off) return fail(Kind::forbidden, path + ": module lookup disabled by GOPROXY=off");
    if (!versions_.contains(path)) return fail(Kind::not_found, "module " + path + ": 404 Not Found");
    std::vector<std::string> out;
    for (const auto& [version, about] : versions_[path]) {
      if (!gomod::pseudo::is_pseudo(version)) out.push_back(version);
    }
    std::ranges::sort(out, gomod::semver::less);
    return out;
  }
  Result<fetch::Info> latest(const std::string& path) override {
    if (latest_commit.empty()) return fail(Kind::not_found, "module " + path + ": no commits");
    return stat(path, latest_commit);
  }
  Result<fetch::Info> stat(const std::string& path, const std::string& revision) override {
    if (revision == "main" && !latest_commit.empty()) return stat(path, latest_commit);
    const auto at = versions_[path].find(revision);
    if (at == versions_[path].end()) return fail(Kind::not_found, path + "@" + revision + ": 404 Not Found");
    fetch::Info out;
    out.version = revision;
    out.time = at->second.first;
    return out;
  }
  Result<std::string> go_mod(const gomod::Module& module) override {
    const auto at = versions_[module.path].find(module.version);
    if (at == versions_[module.path].end()) return fail(Kind::not_found, module.str() + ": 404 Not Found");
    return at->second.second;
  }

 private:
  std::map<std::string, std::map<std::string, std::pair<std::string, std::string>>> versions_;
};

constexpr const char* k_path = "example.com/a";

resolve::MainModules mains(std::string_view text) {
  const auto mod = gomod::parse_mod("go.mod", text);
  LARDER_ASSERT(mod.has_value());
  return resolve::MainModules::single(resolve::MainModule::from(*mod)).value();
}

struct Case {
  std::string_view name;
  std::string_view query;
  std::string_view current;
  std::string_view expected;  // the version, or the message
};

class Queries : public testing::TestWithParam<Case> {};

TEST_P(Queries, ChooseAsGo) {
  Modules modules;
  for (const auto* version :
       {"v0.9.0", "v1.0.0", "v1.1.0-rc.1", "v1.1.0", "v1.1.1", "v1.2.0-pre", "v2.0.0+incompatible"})
    modules.add(k_path, version, "module example.com/a\n\ngo 1.20\n");
  VersionQueries queries(modules, nullptr);
  const auto& c = GetParam();
  const auto found =
      queries.query(k_path, std::string(c.query), std::string(c.current), Allow::not_retracted);
  EXPECT_EQ(found ? found->version : found.error().error.message(), c.expected);
}

constexpr Case k_queries[] = {
    {"Latest", "latest", "", "v1.1.1"},
    {"Major", "v1", "", "v1.1.1"},
    {"OldMajor", "v0", "", "v0.9.0"},
    {"Minor", "v1.1", "", "v1.1.1"},
    {"MinorWithPreReleasesOnly", "v1.2", "", "no matching versions for query \"v1.2\""},
    {"Exact", "v1.0.0", "", "v1.0.0"},
    {"Absent", "v1.0.9", "", "example.com/a@v1.0.9: 404 Not Found"},
    {"Metadata", "v1.0.0+meta", "", "v1.0.0"},
    {"Less", "<v1.1.0", "", "v1.0.0"},
    {"LessOrEqual", "<=v1.1.0", "", "v1.1.0"},
    {"LessThanPrefix", "<v1.1", "", "v1.0.0"},
    {"Greater", ">v1.0.0", "", "v1.1.0"},
    {"GreaterOrEqual", ">=v1.1.1", "", "v1.1.1"},
    {"GreaterPreReleaseOnly", ">v1.1.1", "", "v1.2.0-pre"},
    {"AmbiguousRange", "<=v1.1", "", "ambiguous semantic version \"v1.1\" in range \"<=v1.1\""},
    {"AmbiguousGreater", ">v1", "", "ambiguous semantic version \"v1\" in range \">v1\""},
    {"BadRange", "<x", "", "invalid semantic version \"x\" in range \"<x\""},
    {"EmptyRange", ">=", "", "invalid semantic version \"\" in range \">=\""},
    {"Upgrade", "upgrade", "v1.0.0", "v1.1.1"},
    {"UpgradeKeepsNewer", "upgrade", "v1.2.0-pre", "v1.2.0-pre"},
    {"UpgradeOfNothing", "upgrade", "none", "v1.1.1"},
    {"Patch", "patch", "v1.1.0", "v1.1.1"},
    {"PatchStays", "patch", "v1.0.0", "v1.0.0"},
    {"PatchOfNothing", "patch", "none",
     "can't query version \"patch\" of module example.com/a: no existing version is required"},
    {"Incompatible", "v2", "", "v2.0.0+incompatible"},
    {"IncompatibleNotByChance", "latest", "v1.0.0", "v1.1.1"},
    {"IncompatibleStays", "upgrade", "v2.0.0+incompatible", "v2.0.0+incompatible"},
};

INSTANTIATE_TEST_SUITE_P(VersionQueries, Queries, testing::ValuesIn(k_queries),
                         [](const auto& it) { return std::string(it.param.name); });

TEST(VersionQueries, IncompatibleVersionsCountWhereNothingHasAGoMod) {
  Modules modules;
  modules.add(k_path, "v1.0.0");
  modules.add(k_path, "v2.0.0+incompatible");
  VersionQueries queries(modules, nullptr);
  EXPECT_EQ(queries.query(k_path, "latest", "", Allow::everything)->version, "v2.0.0+incompatible");
}

TEST(VersionQueries, RetractedAndExcludedVersionsAreOnlyForThoseWhoNameThem) {
  Modules modules;
  modules.add(k_path, "v1.0.0");
  modules.add(k_path, "v1.1.0");
  modules.add(k_path, "v1.2.0");
  modules.add(k_path, "v1.3.0",
              "module example.com/a\n\nretract (\n\tv1.3.0 // self\n\tv1.2.0 // broken\n)\n");
  const auto main = mains("module m\n\nexclude example.com/a v1.1.0\n");
  VersionQueries queries(modules, &main);
  EXPECT_EQ(queries.query(k_path, "latest", "", Allow::not_retracted)->version, "v1.0.0");
  EXPECT_EQ(queries.query(k_path, "latest", "", Allow::not_excluded)->version, "v1.3.0");
  EXPECT_EQ(queries.query(k_path, "v1.2.0", "", Allow::everything)->version, "v1.2.0");
  EXPECT_EQ(queries.query(k_path, "v1.2.0", "", Allow::not_retracted).error().error.message(),
            "example.com/a@v1.2.0: retracted by module author: broken");
  EXPECT_EQ(queries.query(k_path, "v1.1.0", "", Allow::not_excluded).error().error.message(),
            "example.com/a@v1.1.0: excluded by go.mod");
  EXPECT_EQ(queries.versions(k_path, Allow::not_retracted).value().list, std::vector<std::string>{"v1.0.0"});
  EXPECT_EQ(queries.versions(k_path, Allow::not_excluded).value().list,
            (std::vector<std::string>{"v1.0.0", "v1.2.0", "v1.3.0"}));
  EXPECT_EQ(queries.retraction({k_path, "v1.3.0"}).value()->rationales, std::vector<std::string>{"self"});
  EXPECT_FALSE(queries.retraction({k_path, "v1.0.0"}).value());
  EXPECT_EQ(modules.lists, 1) << "the list of a module is read once";
}

TEST(VersionQueries, APseudoVersionIsNeverLeftForSomethingOlder) {
  Modules modules;
  const std::string newer = "v1.0.1-0.20210101000000-abcdefabcdef";
  modules.add(k_path, "v1.1.0", "", "2020-01-01T00:00:00Z");
  modules.add(k_path, newer, "", "2021-01-01T00:00:00Z");
  VersionQueries queries(modules, nullptr);
  EXPECT_EQ(queries.query(k_path, "upgrade", newer, Allow::not_retracted)->version, newer);
  modules.add(k_path, "v1.1.1", "", "2022-01-01T00:00:00Z");
  VersionQueries later(modules, nullptr);
  EXPECT_EQ(later.query(k_path, "upgrade", newer, Allow::not_retracted)->version, "v1.1.1");
}

TEST(VersionQueries, CommitsAreTheLatestWhereNothingIsTagged) {
  Modules modules;
  modules.add(k_path, "v0.0.0-20210101000000-abcdefabcdef");
  VersionQueries nothing(modules, nullptr);
  const auto none = nothing.query(k_path, "latest", "", Allow::everything);
  EXPECT_EQ(none.error().is, QueryFailure::Is::no_match);
  modules.latest_commit = "v0.0.0-20210101000000-abcdefabcdef";
  VersionQueries queries(modules, nullptr);
  EXPECT_EQ(queries.query(k_path, "latest", "", Allow::everything)->version, modules.latest_commit);
  EXPECT_EQ(queries.query(k_path, "main", "", Allow::everything)->version, modules.latest_commit);
}

TEST(VersionQueries, ReplacementsCountAsVersions) {
  Modules modules;
  modules.add("example.com/b", "v1.0.0");
  const auto main = mains(
      "module m\n\nreplace (\n\texample.com/a => ./a\n\texample.com/b v1.5.0 => ./b\n\texample.com/c/v3 => "
      "./c\n)\n");
  VersionQueries queries(modules, &main);
  EXPECT_EQ(queries.query(k_path, "latest", "", Allow::not_retracted)->version,
            "v0.0.0-00010101000000-000000000000");
  EXPECT_EQ(queries.query("example.com/c/v3", "latest", "", Allow::everything)->version,
            "v3.0.0-00010101000000-000000000000");
  EXPECT_EQ(queries.query("example.com/b", "latest", "", Allow::everything)->version, "v1.5.0");
  EXPECT_EQ(queries.versions("example.com/b", Allow::not_excluded).value().list,
            (std::vector<std::string>{"v1.0.0", "v1.5.0"}));
}

TEST(VersionQueries, OffIsNotFoundAndVendorIsNoAnswer) {
  Modules modules;
  modules.off = true;
  VersionQueries queries(modules, nullptr);
  const auto off = queries.query(k_path, "latest", "", Allow::everything);
  EXPECT_EQ(off.error().is, QueryFailure::Is::absent);
  EXPECT_EQ(off.error().error.message(), "module lookup disabled by GOPROXY=off");
  VersionQueries vendor(modules, nullptr, "cannot query module due to -mod=vendor");
  EXPECT_EQ(vendor.query(k_path, "v1.0.0", "", Allow::everything).error().error.message(),
            "cannot query module due to -mod=vendor");
}

// Two proxies: all operations of a query go to one of them.
class TwoInTurn final : public VersionSource {
 public:
  Modules first;
  Modules second;
  Result<std::vector<std::string>> list(const std::string& path) override { return first.list(path); }
  Result<fetch::Info> latest(const std::string& path) override { return first.latest(path); }
  Result<fetch::Info> stat(const std::string& path, const std::string& revision) override {
    return first.stat(path, revision);
  }
  Result<std::string> go_mod(const gomod::Module& module) override { return first.go_mod(module); }
  Result<void> in_turn(const std::string& /*path*/, const Ask& ask) override {
    const auto asked = ask(first);
    return asked || asked.error().kind() != Kind::not_found ? asked : ask(second);
  }
};

TEST(VersionQueries, OneSourceAnswersAllOfAQuery) {
  TwoInTurn two;
  two.second.add(k_path, "v1.0.0");
  VersionQueries queries(two, nullptr);
  const auto found = queries.query(k_path, "latest", "", Allow::everything);
  ASSERT_TRUE(found) << found.error().error.message();
  EXPECT_EQ(found->version, "v1.0.0");
  EXPECT_EQ(two.second.lists, 1);
}

TEST(VersionQueries, WhoKnowsTheModuleButNoVersionSettlesIt) {
  TwoInTurn two;
  two.first.add(k_path, "v0.0.0-20200101000000-abcdefabcdef");
  two.second.add(k_path, "v1.0.0");
  VersionQueries queries(two, nullptr);
  const auto found = queries.query(k_path, "latest", "", Allow::everything);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().is, QueryFailure::Is::no_match);
  EXPECT_EQ(found.error().error, Error(Kind::not_found, "no matching versions for query \"latest\""));
  EXPECT_EQ(two.second.lists, 0);
}

TEST(VersionQueries, StrangersTextIsShortened) {
  EXPECT_EQ(short_message(" a b \nc", "x"), "a b");
  EXPECT_EQ(short_message("\n", "x"), "x");
  EXPECT_EQ(short_message(std::string(501, 'a'), "x"), "(message omitted: too long)");
  EXPECT_EQ(short_message("a\x1b[2J", "x"), "(message omitted: contains non-printable characters)");
}

}  // namespace
}  // namespace larder::app
