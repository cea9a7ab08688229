// SPDX-License-Identifier: Apache-2.0
#include "goscan/constraint.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace larder::goscan {
namespace {

struct ExpressionCase {
  std::string_view text;
  std::optional<bool> any;    // under Tags::any()
  std::optional<bool> linux;  // with only linux, amd64 and cgo set
};

bool only_linux(std::string_view tag) {
  return tag == "linux" || tag == "amd64" || tag == "cgo";
}

TEST(GoBuild, Expressions) {
  const std::vector<ExpressionCase> cases = {
      {"linux", true, true},
      {"!linux", true, false},
      {"linux && !linux", true, false},
      {"ignore", false, false},
      {"!ignore", true, true},
      {"ignore || windows", true, false},
      {"ignore && windows", false, false},
      {"!(windows && ignore)", true, true},
      {"!(windows || ignore)", true, true},
      {"(linux || windows) && amd64", true, true},
      {"windows || linux && arm64", true, false},
      {"go1.18", true, false},
      {"//go:build linux && cgo", true, true},
      {"//go:build\tlinux", true, true},
      {"", std::nullopt, std::nullopt},
      {"!!linux", std::nullopt, std::nullopt},
      {"linux windows", std::nullopt, std::nullopt},
      {"linux &&", std::nullopt, std::nullopt},
      {"(linux", std::nullopt, std::nullopt},
      {"linux)", std::nullopt, std::nullopt},
      {"linux & windows", std::nullopt, std::nullopt},
      {"linux-x", std::nullopt, std::nullopt},
      {"()", std::nullopt, std::nullopt},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(evaluate_go_build(c.text, Tags::any()), c.any) << c.text;
    EXPECT_EQ(evaluate_go_build(c.text, Tags::of(only_linux)), c.linux) << c.text;
  }
}

TEST(GoBuild, DeepNestingIsBounded) {
  EXPECT_EQ(evaluate_go_build(std::string(400, '(') + "a" + std::string(400, ')'), Tags::any()), true);
  EXPECT_EQ(evaluate_go_build(std::string(100'000, '('), Tags::any()), std::nullopt);
}

TEST(PlusBuild, Expressions) {
  const std::vector<ExpressionCase> cases = {
      {"linux", true, true},         {"windows", true, false},  {"windows linux", true, true},
      {"linux,arm64", true, false},  {"!windows", true, true},  {"", false, false},
      {"ignore", false, false},      {"!!linux", false, false}, {"!", false, false},
      {"linux,!ignore", true, true}, {"a-b", false, false},     {"windows,amd64 linux", true, true},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(evaluate_plus_build(c.text, Tags::any()), c.any) << c.text;
    EXPECT_EQ(evaluate_plus_build(c.text, Tags::of(only_linux)), c.linux) << c.text;
  }
}

TEST(Constraints, WhereTheyCount) {
  struct Case {
    std::string_view name;
    std::string_view text;
    Constraint expected;
  };
  const std::vector<Case> cases = {
      {"none", "package p\n", Constraint::allowed},
      {"go:build", "//go:build ignore\n\npackage p\n", Constraint::excluded},
      {"no blank line needed", "//go:build ignore\npackage p\n", Constraint::excluded},
      {"behind a block comment", "/* x */\n//go:build ignore\n\npackage p\n", Constraint::excluded},
      {"inside a block comment", "/*\n//go:build ignore\n*/\n\npackage p\n", Constraint::allowed},
      {"behind package", "package p\n//go:build ignore\n", Constraint::allowed},
      {"longer word", "//go:builder ignore\n\npackage p\n", Constraint::allowed},
      {"syntax error", "//go:build &&\n\npackage p\n", Constraint::excluded},
      {"two of them", "//go:build a\n//go:build b\n\npackage p\n", Constraint::repeated},
      {"go:build beats +build", "//go:build a\n// +build ignore\n\npackage p\n", Constraint::allowed},
      {"+build", "// +build ignore\n\npackage p\n", Constraint::excluded},
      {"+build without a blank line", "// +build ignore\npackage p\n", Constraint::allowed},
      {"+build, no space", "//+build ignore\n\npackage p\n", Constraint::excluded},
      {"all +build lines hold", "// +build a\n// +build ignore\n\npackage p\n", Constraint::excluded},
      {"+build behind a block comment", "/* x */\n// +build ignore\n\npackage p\n", Constraint::allowed},
      {"+build after a licence", "// L\n\n// +build ignore\n\n// Doc.\npackage p\n", Constraint::excluded},
      {"CRLF", "//go:build ignore\r\n\r\npackage p\r\n", Constraint::excluded},
      {"behind a byte order mark", "\xef\xbb\xbf//go:build ignore\n\npackage p\n", Constraint::excluded},
      {"+build behind one", "\xef\xbb\xbf// +build ignore\n\npackage p\n", Constraint::excluded},
      {"empty file", "", Constraint::allowed},
  };
  for (const auto& c : cases) EXPECT_EQ(check_constraints(c.text, Tags::any()), c.expected) << c.name;
}

TEST(NameMatches, Endings) {
  struct Case {
    std::string_view name;
    bool linux_amd64;
    bool android_arm64;
  };
  const std::vector<Case> cases = {
      {"x.go", true, true},           {"x_linux.go", true, true},          {"linux.go", true, true},
      {"x_windows.go", false, false}, {"x_linux_amd64.go", true, false},   {"x_amd64.go", true, false},
      {"x_test.go", true, true},      {"x_windows_test.go", false, false}, {"x_android.go", false, true},
      {"x_linux_foo.go", true, true}, {"x_unix.go", true, true},           {"x_arm64_linux.go", true, true},
      {"a.b_windows.go", true, true},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(name_matches(c.name, "linux", "amd64"), c.linux_amd64) << c.name;
    EXPECT_EQ(name_matches(c.name, "android", "arm64"), c.android_arm64) << c.name;
  }
}

}  // namespace
}  // namespace larder::goscan
