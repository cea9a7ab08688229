// SPDX-License-Identifier: Apache-2.0
#include "app/project.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/text.hpp"

namespace larder::app {
namespace {

class ProjectTest : public ::testing::Test {
 protected:
  sys::TempDir temp_ = sys::TempDir::create().value();
  sys::Path write(const std::string& name, std::string_view text) {
    const auto path = temp_.path() / name;
    EXPECT_TRUE(sys::make_dirs(path.parent_path()));
    EXPECT_TRUE(sys::write_file(path, as_bytes(text)));
    return path;
  }
};

constexpr std::string_view k_sum =
    "example.com/a v1.0.0/go.mod h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydX=\n";

TEST_F(ProjectTest, is_found_upwards) {
  write("go.mod", "module example.com/m\n\ngo 1.21\n");
  write("go.sum", k_sum);
  write("cmd/x/main.go", "package main\n");
  const auto project = load_project(temp_.path() / "cmd/x").value();
  EXPECT_EQ(project.root, temp_.path());
  EXPECT_EQ(project.main().mod.module->path, "example.com/m");
  EXPECT_EQ(project.sum.size(), 1U);
  EXPECT_TRUE(load_project(temp_.path() / "go.sum"));
}

TEST_F(ProjectTest, errors_are_gos) {
  EXPECT_EQ(load_project(temp_.path()).error().message(),
            "go.mod file not found in current directory or any parent directory; see 'go help modules'");
  write("go.mod", "modul example.com/m\n");
  EXPECT_NE(load_project(temp_.path()).error().message().find("unknown directive: modul"), std::string::npos);
  write("go.mod", "go 1.21\n");
  EXPECT_NE(load_project(temp_.path()).error().message().find("missing module declaration"),
            std::string::npos);
  write("go.mod", "module go\n");
  EXPECT_NE(load_project(temp_.path()).error().message().find("invalid module path: \"go\""),
            std::string::npos);
}

TEST_F(ProjectTest, a_malformed_go_sum_is_named) {
  write("go.mod", "module example.com/m\n");
  write("go.sum", "one two\n");
  EXPECT_NE(load_project(temp_.path()).error().message().find("wrong number of fields 2"), std::string::npos);
}

TEST_F(ProjectTest, workspaces_have_all_modules_and_sums) {
  write("go.work", "go 1.21\n\nuse (\n\t./a\n\t./b\n)\n");
  write("a/go.mod", "module example.com/a\n");
  write("b/go.mod", "module example.com/b\n");
  write("b/go.sum", k_sum);
  write("go.work.sum", k_sum);
  const auto project = load_project(temp_.path() / "a").value();
  EXPECT_EQ(project.modules.size(), 2U);
  EXPECT_EQ(project.sum.size(), 1U);
  EXPECT_EQ(project.work_sum.size(), 1U);
  EXPECT_EQ(load_project(temp_.path() / "a", {.gowork = "off"}).value().modules.size(), 1U);
  EXPECT_EQ(load_project(temp_.path() / "a", {.gowork = "go.work"}).error().message(),
            "invalid GOWORK: not an absolute path");
  write("b/go.mod", "module example.com/a\n");
  EXPECT_EQ(load_project(temp_.path()).error().message(),
            "module example.com/a appears multiple times in workspace");
}

TEST_F(ProjectTest, the_toolchain_that_go_would_download) {
  struct Case {
    const char* gotoolchain;
    const char* lines;  // of go.mod
    const char* need;   // "NAME by REASON", "", or the error
  };
  const Case cases[] = {
      {"auto", "go 1.22.1", ""},
      {"auto", "go 1.20", ""},
      {"auto", "", ""},
      {"auto", "go 1.23", "go1.23.0 by the go line of go.mod"},
      {"auto", "go 1.20\ntoolchain go1.23.4", "go1.23.4 by the toolchain line of go.mod"},
      {"auto", "go 1.24.1\ntoolchain go1.23.4", "go1.24.1 by the go line of go.mod"},
      {"auto", "go 1.99\ntoolchain default", ""},
      {"local", "go 1.99", ""},
      {"path", "go 1.99", ""},
      {"go1.21.3+path", "go 1.99", ""},
      {"go1.21.3", "go 1.99", "go1.21.3 by GOTOOLCHAIN=go1.21.3"},
      {"go1.22.1", "go 1.99", ""},
      {"go1.22.5+auto", "go 1.22", "go1.22.5 by GOTOOLCHAIN=go1.22.5+auto"},
      {"bash", "", "invalid GOTOOLCHAIN \"bash\""},
  };
  for (const auto& c : cases) {
    write("go.mod", "module example.com/m\n" + std::string(c.lines) + "\n");
    const auto need =
        needed_toolchain(load_project(temp_.path()).value(),
                         {.gotoolchain = c.gotoolchain, .version = "1.22.1", .platform = "linux-arm64"});
    std::string told;
    if (!need) told = need.error().message();
    if (need && *need) {
      EXPECT_EQ((*need)->module.path, "golang.org/toolchain");
      const auto parts = cut((*need)->module.version, "v0.0.1-").value();
      EXPECT_TRUE(parts.second.ends_with(".linux-arm64"));
      told = fmt::format("{} by {}", parts.second.substr(0, parts.second.size() - 12), (*need)->needed_by);
    }
    EXPECT_EQ(told, c.need) << c.gotoolchain << " " << c.lines;
  }
  write("go.work", "go 1.23.1\nuse .\n");
  const auto need = needed_toolchain(load_project(temp_.path()).value(),
                                     {.gotoolchain = "auto", .version = "1.22.1", .platform = "linux-amd64"});
  EXPECT_EQ(need.value()->needed_by, "the go line of go.work");
}

}  // namespace
}  // namespace larder::app
