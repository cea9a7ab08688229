// SPDX-License-Identifier: Apache-2.0
#include "app/project.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace larder::app
