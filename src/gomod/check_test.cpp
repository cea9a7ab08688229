// SPDX-License-Identifier: Apache-2.0
#include "gomod/check.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gomod/quoting.hpp"

namespace larder::gomod {
namespace {

std::string text(const Result<void>& r) {
  return r ? "ok" : r.error().message();
}

struct Case {
  std::string path;
  const char* module;  // reason, "" where allowed
  const char* import;
  const char* file;
};

void expect(const Result<void>& got, std::string_view kind, const std::string& path,
            std::string_view reason) {
  SCOPED_TRACE(std::string(kind) + " " + path);
  EXPECT_EQ(text(got), reason.empty() ? "ok"
                                      : "malformed " + std::string(kind) + " path " + go_quote(path) + ": " +
                                            std::string(reason));
  if (!got) {
    EXPECT_EQ(got.error().kind(), Kind::invalid);
  }
}

TEST(Check, paths) {
  const std::vector<Case> cases = {
      {"example.com/m", "", "", ""},
      {"github.com/Azure/go~x_y-z.w", "", "", ""},
      {"x.y/z/v2", "", "", ""},
      {"a\xFF", "invalid UTF-8", "invalid UTF-8", "invalid UTF-8"},
      {"", "empty string", "empty string", "empty string"},
      {"-x.y/z", "leading dash", "leading dash", ""},
      {"x.y//z", "double slash", "double slash", "double slash"},
      {"x.y/z/", "trailing slash", "trailing slash", "trailing slash"},
      {"/x.y", "empty path element", "empty path element", "empty path element"},
      {"x.y/..", "invalid path element \"..\"", "invalid path element \"..\"", "invalid path element \"..\""},
      {"x.y/.z", "leading dot in path element", "", ""},
      {"x.y/z.", "trailing dot in path element", "trailing dot in path element",
       "trailing dot in path element"},
      {"x.y/a+b", "invalid char '+'", "", ""},
      {"x.y/a b", "invalid char ' '", "invalid char ' '", ""},
      {"x.y/a!b", "invalid char '!'", "invalid char '!'", ""},
      {"x.y/a'b", "invalid char '\\''", "invalid char '\\''", "invalid char '\\''"},
      {"x.y/a*b", "invalid char '*'", "invalid char '*'", "invalid char '*'"},
      {"x.y/a\\b", "invalid char '\\\\'", "invalid char '\\\\'", "invalid char '\\\\'"},
      {"x.y/a:b", "invalid char ':'", "invalid char ':'", "invalid char ':'"},
      {"x.y/\xC3\xA9", "invalid char '\xC3\xA9'", "invalid char '\xC3\xA9'", ""},
      // A combining accent is a mark, not a letter.
      {"x.y/e\xCC\x81", "invalid char '\xCC\x81'", "invalid char '\xCC\x81'", "invalid char '\xCC\x81'"},
      {"x.y/con", "\"con\" disallowed as path element component on Windows",
       "\"con\" disallowed as path element component on Windows",
       "\"con\" disallowed as path element component on Windows"},
      {"x.y/LpT9.txt", "\"LpT9\" disallowed as path element component on Windows",
       "\"LpT9\" disallowed as path element component on Windows",
       "\"LpT9\" disallowed as path element component on Windows"},
      {"x.y/com0", "", "", ""},
      {"x.y/console", "", "", ""},
      {"x.y/a~12", "trailing tilde and digits in path element", "trailing tilde and digits in path element",
       ""},
      {"x.y/a~1.go", "trailing tilde and digits in path element", "trailing tilde and digits in path element",
       ""},
      {"x.y/a~", "", "", ""},
      {"x.y/a~1b", "", "", ""},
      {"nodot/m", "missing dot in first path element", "", ""},
      {"Example.com/m", "invalid char 'E' in first path element", "", ""},
      {"ex_ample.com/m", "invalid char '_' in first path element", "", ""},
      {"x.y/z/v1", "invalid version", "", ""},
      {"x.y/z/v0", "invalid version", "", ""},
      {"x.y/z/v01", "invalid version", "", ""},
      {"x.y/z/v1.2", "invalid version", "", ""},
      {"gopkg.in/yaml", "invalid version", "", ""},
      {"gopkg.in/yaml.v01", "invalid version", "", ""},
      {"gopkg.in/yaml.v2", "", "", ""},
      {"gopkg.in/yaml.v2-unstable", "", "", ""},
  };
  for (const auto& c : cases) {
    expect(check_path(c.path), "module", c.path, c.module);
    expect(check_import_path(c.path), "import", c.path, c.import);
    expect(check_file_path(c.path), "file", c.path, c.file);
  }
}

TEST(Check, file_marks) {
  for (const char c : std::string("!#$%&()+,-.=@[]^_{}~ "))
    EXPECT_TRUE(check_file_path(std::string("a") + c + "b")) << c;
  for (const char c : std::string("\"'*<>?`|\\:\t\n\x7F"))
    EXPECT_FALSE(check_file_path(std::string("a") + c + "b")) << c;
}

TEST(Check, module_and_version) {
  const std::vector<std::pair<Module, const char*>> cases = {
      {{"example.com/m", "v1.0.0"}, "ok"},
      {{"example.com/m", "v2.0.0+incompatible"}, "ok"},
      {{"example.com/m/v2", "v2.3.4"}, "ok"},
      {{"gopkg.in/yaml.v2", "v2.1.0"}, "ok"},
      {{"gopkg.in/check.v1", "v0.0.0-20161208181325-20d25e280405"}, "ok"},
      {{"example.com/m", "v2.0.0"}, "example.com/m@v2.0.0: invalid version: should be v0 or v1, not v2"},
      {{"example.com/m/v2", "v3.0.0"}, "example.com/m/v2@v3.0.0: invalid version: should be v2, not v3"},
      {{"gopkg.in/yaml.v2", "v1.0.0"}, "gopkg.in/yaml.v2@v1.0.0: invalid version: should be v2, not v1"},
      {{"example.com/m", "master"}, "example.com/m@master: invalid version: not a semantic version"},
      {{"m", "v1.0.0"}, "malformed module path \"m\": missing dot in first path element"},
  };
  for (const auto& [module, want] : cases) EXPECT_EQ(text(check(module)), want);
}

TEST(Check, canonical) {
  EXPECT_EQ(text(check_canonical({"example.com/m", "v1.0.0"})), "ok");
  EXPECT_EQ(text(check_canonical({"example.com/m", "v1"})), "non-canonical module version \"v1\"");
  EXPECT_EQ(text(check_canonical({"example.com/m", "v1.0.0+meta"})),
            "non-canonical module version \"v1.0.0+meta\"");
  EXPECT_EQ(text(check_canonical({"example.com/m", "master"})), "non-semver module version \"master\"");
}

TEST(Check, path_major) {
  EXPECT_EQ(text(check_path_major("v2.0.0", "")), "version \"v2.0.0\" invalid: should be v0 or v1, not v2");
  EXPECT_TRUE(match_path_major("v2.0.0", "/v2"));
  EXPECT_TRUE(match_path_major("v2.0.0", ".v2-unstable"));
  EXPECT_FALSE(match_path_major("v0.0.0-20161208181325-20d25e280405", ".v2"));
  EXPECT_EQ(path_major_prefix("/v2"), "v2");
  EXPECT_EQ(path_major_prefix(".v1-unstable"), "v1");
  EXPECT_EQ(path_major_prefix(""), "");
}

TEST(Check, split_path_version) {
  struct Split {
    const char* path;
    const char* prefix;
    const char* major;
  };
  const std::vector<Split> cases = {{"x.y/z", "x.y/z", ""},
                                    {"x.y/z/v2", "x.y/z", "/v2"},
                                    {"x.y/z/v10", "x.y/z", "/v10"},
                                    {"x.y/z2", "x.y/z2", ""},
                                    {"x.y/zv2", "x.y/zv2", ""},
                                    {"x.y/1.2", "x.y/1.2", ""},
                                    {"v2", "v2", ""},
                                    {"", "", ""},
                                    {"gopkg.in/yaml.v0", "gopkg.in/yaml", ".v0"},
                                    {"gopkg.in/a/yaml.v2-unstable", "gopkg.in/a/yaml", ".v2-unstable"}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.path);
    const auto got = split_path_version(c.path);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->prefix, c.prefix);
    EXPECT_EQ(got->major, c.major);
  }
  for (const auto* bad :
       {"x.y/v0", "x.y/v1", "x.y/v02", "x.y/v2.0", "gopkg.in/x", "gopkg.in/x.v", "gopkg.in/v2"})
    EXPECT_FALSE(split_path_version(bad)) << bad;
}

}  // namespace
}  // namespace larder::gomod
