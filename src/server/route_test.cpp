// SPDX-License-Identifier: Apache-2.0
#include "server/route.hpp"

#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "store/go_modules.hpp"
#include "store/store.hpp"

namespace larder::server {
namespace {

struct TargetCase {
  const char* name;
  std::string target;
  std::string path;  // "": refused
};

const TargetCase k_targets[] = {
    {"plain", "/a.test/@v/list", "/a.test/@v/list"},
    {"escaped_bang", "/a.test/%21upper/@v/list", "/a.test/!upper/@v/list"},
    {"lower_case_hex", "/%7e%7E", "/~~"},
    {"plus_is_plus", "/a.test/@v/v1.0.0+incompatible.zip", "/a.test/@v/v1.0.0+incompatible.zip"},
    {"encoded_plus", "/a.test/@v/v1.0.0%2Bincompatible.zip", "/a.test/@v/v1.0.0+incompatible.zip"},
    {"decoded_once", "/%2541", "/%41"},
    {"encoded_dots_decoded_once", "/%252e%252e/x", "/%2e%2e/x"},
    {"query_is_dropped", "/livez?probe=1", "/livez"},
    {"fragment_is_dropped", "/livez#x", "/livez"},
    {"absolute_form", "http://proxy.test:80/livez", "/livez"},
    {"absolute_form_any_case", "HTTP://proxy.test/livez", "/livez"},
    {"absolute_form_without_path", "http://proxy.test", "/"},
    {"dots_in_names", "/a.test/..b/c..", "/a.test/..b/c.."},
    {"empty", "", ""},
    {"asterisk", "*", ""},
    {"authority", "a.test:443", ""},
    {"other_scheme", "ftp://a.test/livez", ""},
    {"encoded_slash", "/a%2Fb", ""},
    {"encoded_slash_lower_case", "/a%2fb", ""},
    {"encoded_nul", "/livez%00", ""},
    {"encoded_line_break", "/livez%0d%0ax", ""},
    {"encoded_delete", "/%7f", ""},
    {"raw_control", "/a\tb", ""},
    {"bad_hex", "/%zz", ""},
    {"bad_second_hex", "/%4z", ""},
    {"cut_escape", "/%4", ""},
    {"lone_percent", "/%", ""},
    {"dot_dot", "/a.test/../etc/passwd", ""},
    {"dot_dot_at_the_end", "/a.test/..", ""},
    {"dot", "/./livez", ""},
    {"encoded_dot_dot", "/%2e%2e/etc/passwd", ""},
    {"half_encoded_dot_dot", "/a.test/.%2E/x", ""},
    {"dot_dot_in_absolute_form", "http://a.test/../x", ""},
};

class Target : public testing::TestWithParam<TargetCase> {};

TEST_P(Target, is_decoded_or_refused) {
  const auto path = decode_target(GetParam().target);
  if (GetParam().path.empty()) {
    ASSERT_FALSE(path.has_value()) << *path;
    EXPECT_EQ(path.error().kind(), Kind::invalid);
  } else {
    ASSERT_TRUE(path.has_value()) << path.error().message();
    EXPECT_EQ(*path, GetParam().path);
  }
}

INSTANTIATE_TEST_SUITE_P(Table, Target, testing::ValuesIn(k_targets),
                         [](const auto& row) { return std::string(row.param.name); });

struct RouteCase {
  const char* name;
  std::string path;
  RouteKind kind;
  std::string module;  // "path@version"
  bool problem = false;
};

const RouteCase k_cases[] = {
    {"home", "/", RouteKind::home, ""},
    {"livez", "/livez", RouteKind::livez, ""},
    {"livez_is_exact", "/livez/", RouteKind::unknown, ""},
    {"readyz", "/readyz", RouteKind::readyz, ""},
    {"sumdb", "/sumdb/sum.test/supported", RouteKind::sumdb, ""},
    {"sumdb_wins_over_a_module", "/sumdb/sum.test/lookup/a.test/m@v1.0.0", RouteKind::sumdb, ""},
    {"list", "/a.test/m/@v/list", RouteKind::list, "a.test/m"},
    {"list_of_a_host", "/a.test/@v/list", RouteKind::list, "a.test"},
    {"list_upper_case", "/a.test/!big/@v/list", RouteKind::list, "a.test/Big"},
    {"latest", "/a.test/m/v2/@latest", RouteKind::latest, "a.test/m/v2"},
    {"info", "/a.test/m/@v/v1.0.0.info", RouteKind::info, "a.test/m@v1.0.0"},
    {"mod", "/a.test/m/@v/v1.0.0-!r!c.1.mod", RouteKind::mod, "a.test/m@v1.0.0-RC.1"},
    {"zip", "/a.test/m/@v/v2.0.0+incompatible.zip", RouteKind::zip, "a.test/m@v2.0.0+incompatible"},
    {"branch_info", "/a.test/m/@v/main.info", RouteKind::info, "a.test/m@main"},
    {"ziphash_is_not_served", "/a.test/m/@v/v1.0.0.ziphash", RouteKind::unknown, ""},
    {"lock_is_not_served", "/a.test/m/@v/v1.0.0.lock", RouteKind::unknown, ""},
    {"no_version", "/a.test/m/@v/.zip", RouteKind::unknown, ""},
    {"no_module", "/@v/list", RouteKind::unknown, ""},
    {"no_module_latest", "/@latest", RouteKind::unknown, ""},
    {"no_module_zip", "/@v/v1.0.0.zip", RouteKind::unknown, ""},
    {"version_with_slash", "/a.test/m/@v/feature/x.info", RouteKind::unknown, ""},
    {"bare_module", "/a.test/m", RouteKind::unknown, ""},
    {"store_folder", "/larder/format", RouteKind::unknown, ""},
    {"upper_case_is_no_escape", "/a.test/Big/@v/list", RouteKind::list, "", true},
    {"bad_escape", "/a.test/!!big/@v/list", RouteKind::list, "", true},
    {"double_slash", "/a.test//m/@v/list", RouteKind::list, "", true},
    {"leading_double_slash", "//a.test/m/@v/list", RouteKind::list, "", true},
    {"space", "/a.test/a b/@v/list", RouteKind::list, "", true},
    {"backslash", "/a.test\\m/@v/list", RouteKind::list, "", true},
    {"at_v_twice", "/a.test/@v/x/@v/v1.0.0.zip", RouteKind::zip, "", true},
    {"upper_case_version", "/a.test/m/@v/V1.zip", RouteKind::zip, "a.test/m", true},
    {"long_element", "/a.test/" + std::string(256, 'a') + "/@v/list", RouteKind::list, "", true},
    {"long_version", "/a.test/@v/v1.0.0-" + std::string(250, 'a') + ".zip", RouteKind::zip, "", true},
};

struct DatabaseCase {
  std::string path;  // below /sumdb/
  std::string key;   // below go/sumdb/; empty: no database has it
};

const DatabaseCase k_database_cases[] = {
    {"sum.test/supported", "sum.test/supported"},
    {"sum.test/db/latest", "sum.test/db/latest"},
    {"sum.test/db/tile/8/0/x001/234.p/5", "sum.test/db/tile/8/0/x001/234.p/5"},
    {"sum.test/tile/8/data/000", "sum.test/tile/8/data/000"},
    {"sum.test/lookup/a.test/!m@v1.0.0-!r!c", "sum.test/lookup/a.test/!m@v1.0.0-!r!c"},
    {"sum.test/tile/8/0/1", ""},
    {"sum.test/tile/8/0/001.lock", ""},
    {"sum.test/latest.lock", ""},
    {"sum.test/lookup/a.test/M@v1.0.0", ""},
    {"sum.test/lookup/a.test/m@main", ""},
    {"sum.test/lookup/a.test/m", ""},
    {"sum.test/lookup", ""},
    {"sum.test/", ""},
    {"sum.test//latest", ""},
    {"/supported", ""},
    {"supported", ""},
    {"", ""},
};

TEST(DatabaseRoute, has_the_key_of_what_a_database_has) {
  for (const auto& row : k_database_cases) {
    const auto route = find_route("/sumdb/" + row.path);
    EXPECT_EQ(route.kind, RouteKind::sumdb) << row.path;
    EXPECT_EQ(route.key, row.key.empty() ? "" : "go/sumdb/" + row.key) << row.path;
  }
}

class RouteOf : public testing::TestWithParam<RouteCase> {};

TEST_P(RouteOf, path) {
  const auto& wanted = GetParam();
  const auto route = find_route(wanted.path);
  EXPECT_EQ(row_of(route.kind).name, row_of(wanted.kind).name);
  EXPECT_EQ(route.module.str(), wanted.module);
  EXPECT_EQ(!route.problem.empty(), wanted.problem) << route.problem;
}

INSTANTIATE_TEST_SUITE_P(Table, RouteOf, testing::ValuesIn(k_cases),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Route, long_path_is_aproblem_not_akey) {
  std::string path;
  while (path.size() < 4000) path += "/a.test";
  EXPECT_FALSE(find_route(path + "/@v/list").problem.empty());
  EXPECT_FALSE(find_route(path + "/@v/v1.0.0.zip").problem.empty());
}

TEST(Route, key_is_the_stores_own) {
  struct Row {
    const char* suffix;
    store::Part part;
  };
  for (const auto& row :
       {Row{".info", store::Part::info}, Row{".mod", store::Part::mod}, Row{".zip", store::Part::zip}}) {
    for (const char* name :
         {"a.test/m/@v/v1.0.0", "a.test/!m/@v/v1.0.0-!a", "a.test/m/@v/v0.0.0+incompatible"}) {
      const auto route = find_route(std::string("/") + name + row.suffix);
      const auto key = store::module_key(route.module, row.part);
      ASSERT_TRUE(key.has_value()) << key.error().message();
      EXPECT_EQ(route.key, *key);
    }
  }
}

// Whatever is sent: never a crash, and a route without a problem has a key the store takes.
TEST(Route, property_accepted_keys_are_clean) {
  const std::vector<std::string> pieces = {"/",      "..", ".",       "%2e",    "%2f",  "%00",  "@v",
                                           "a.test", "!a", "A",       ".zip",   ".mod", "list", "\\",
                                           "%",      "+",  "@latest", "v1.0.0", "?",    "//"};
  rc::check([&] {
    const auto chosen = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces));
    std::string target = "/";
    for (const auto& piece : chosen) target += piece;
    const auto path = decode_target(target);
    if (!path) return;
    RC_ASSERT(path->find('\0') == std::string::npos);
    const auto route = find_route(*path);
    if (route.problem.empty() && !route.key.empty()) RC_ASSERT(store::check_key(route.key).has_value());
  });
}

}  // namespace
}  // namespace larder::server
