// SPDX-License-Identifier: Apache-2.0
#include "app/work_use.hpp"

#include <gtest/gtest.h>

#include "gomod/edit.hpp"

namespace larder::app {
namespace {

class WorkUseTest : public testing::Test {
 protected:
  void add_module(const std::string& name, const std::string& text) {
    ASSERT_TRUE(sys::make_dirs(dir_.path() / name));
    ASSERT_TRUE(sys::write_file(dir_.path() / name / "go.mod", as_bytes(text)));
  }
  WorkUseOptions options(bool recursive = false, const std::string& local = "1.26.8") const {
    return {
        .cwd = dir_.path(), .work_file = dir_.path() / "go.work", .recursive = recursive, .local_go = local};
  }
  static std::string written(gomod::WorkFile& file) {
    gomod::sort_blocks(file);
    gomod::cleanup(file);
    return file.str();
  }
  sys::TempDir dir_ = sys::TempDir::create().value();
};

TEST_F(WorkUseTest, vendor_is_passed_over_from_1_27_on) {
  add_module("a", "module a\n");
  add_module("vendor/v", "module v\n");
  auto old = gomod::parse_work("go.work", "go 1.18\n").value();
  EXPECT_TRUE(use_folders(old, {"."}, options(true)).errors.empty());
  EXPECT_EQ(written(old), "go 1.18\n\nuse (\n\t./a\n\t./vendor/v\n)\n");
  auto fresh = gomod::parse_work("go.work", "go 1.18\n").value();
  EXPECT_TRUE(use_folders(fresh, {"."}, options(true, "1.27.0")).errors.empty());
  EXPECT_EQ(written(fresh), "go 1.18\n\nuse ./a\n");
}

TEST_F(WorkUseTest, vanished_folders_go_and_new_ones_join) {
  add_module("b", "module b\n\ngo 1.22.1\n");
  add_module("b/c", "module c\n");
  auto file =
      gomod::parse_work("go.work", "go 1.18\n\ntoolchain go1.20\n\nuse ./b/c\nuse ./b/gone\n").value();
  EXPECT_TRUE(use_folders(file, {"b"}, options(true)).errors.empty());
  EXPECT_EQ(written(file), "go 1.22.1\n\nuse (\n\t./b\n\t./b/c\n)\n");
}

TEST_F(WorkUseTest, every_bad_module_is_named) {
  add_module("a", "module a\n\ngo 1.99\n");
  add_module("b", "go 1.20\n");
  auto file = gomod::parse_work("go.work", "go 1.18\n").value();
  const auto outcome = use_folders(file, {"a", "b", "none"}, options());
  ASSERT_EQ(outcome.errors.size(), 3U);
  EXPECT_EQ(outcome.errors[0].message(), "directory none does not exist");
  EXPECT_TRUE(outcome.errors[1].message().ends_with("go.mod requires go >= 1.99 (running go 1.26.8)"));
  EXPECT_TRUE(outcome.errors[2].message().ends_with("go mod edit -module=example.com/mod"));
}

TEST(DirectoryPath, as_go_work_has_it) {
  EXPECT_EQ(directory_path("a/b/../c"), "./a/c");
  EXPECT_EQ(directory_path("./a/"), "./a/");
  EXPECT_EQ(directory_path("/a"), "/a");
  EXPECT_EQ(directory_path(".."), "..");
}

}  // namespace
}  // namespace larder::app
