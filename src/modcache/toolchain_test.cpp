// SPDX-License-Identifier: Apache-2.0
#include "modcache/toolchain.hpp"

#include <map>

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace larder::modcache {
namespace {

class MakeRunnable : public ::testing::Test {
 protected:
  sys::TempDir temp_ = sys::TempDir::create().value();
  sys::Path tree_ = temp_.path() / "tree";

  static mode_t mode(const sys::Path& path) {
    struct stat found{};
    return ::stat(path.c_str(), &found) == 0 ? found.st_mode & 0777U : 0;
  }
  void write(const std::string& name, std::string_view text) {
    const auto path = tree_ / name;
    ASSERT_TRUE(sys::make_dirs(path.parent_path()));
    ASSERT_TRUE(sys::write_file(path, as_bytes(text)));
    ASSERT_EQ(::chmod(path.c_str(), 0444), 0);
  }
  // As extraction leaves it.
  void close_folders() {
    for (const auto* name : {"bin", "src/misc", "src", "lib/wasm", "lib", "pkg/tool/linux_amd64", ""})
      static_cast<void>(::chmod((tree_ / name).c_str(), 0555));  // as far as they are there
  }
  void write_toolchain() {
    for (const auto* name : {"bin/go", "bin/gofmt", "pkg/tool/linux_amd64/vet", "lib/wasm/go_js_wasm_exec",
                             "lib/wasm/wasm_exec.js", "src/runtime.go"})
      write(name, "x");
    write("src/_go.mod", "module std\n");
    write("src/misc/_go.mod", "module misc\n");
    close_folders();
  }
};

TEST_F(MakeRunnable, programs_are_executable_and_go_mods_are_there) {
  write_toolchain();
  ASSERT_TRUE(make_runnable(tree_));
  const std::map<std::string, mode_t> modes = {{"bin/go", 0555},
                                               {"bin/gofmt", 0555},
                                               {"pkg/tool/linux_amd64/vet", 0555},
                                               {"src/runtime.go", 0444},
                                               {"src/go.mod", 0444},
                                               {"lib/wasm/go_js_wasm_exec", 0555},
                                               {"src", 0555},
                                               {"src/misc/go.mod", 0444},
                                               {"lib/wasm/wasm_exec.js", 0444}};
  for (const auto& [name, wanted] : modes) EXPECT_EQ(mode(tree_ / name), wanted) << name;
  EXPECT_EQ(sys::read_file(tree_ / "src/go.mod").value(), "module std\n");
  EXPECT_EQ(sys::read_file(tree_ / "src/misc/go.mod").value(), "module misc\n");
}

TEST_F(MakeRunnable, what_a_crash_left_is_finished) {
  write_toolchain();
  ASSERT_EQ(::chmod((tree_ / "src").c_str(), 0755), 0);
  ASSERT_EQ(::chmod((tree_ / "bin/gofmt").c_str(), 0555), 0);
  ASSERT_TRUE(sys::write_file(tree_ / "src/go.mod", as_bytes(std::string_view("mod"))));
  ASSERT_TRUE(make_runnable(tree_));
  EXPECT_EQ(mode(tree_ / "bin/go"), 0555U);
  EXPECT_EQ(sys::read_file(tree_ / "src/go.mod").value(), "module std\n");
}

TEST_F(MakeRunnable, what_is_done_is_left_alone) {
  write_toolchain();
  ASSERT_TRUE(make_runnable(tree_));
  // Signs that a second run would take away.
  ASSERT_EQ(::chmod((tree_ / "bin/gofmt").c_str(), 0444), 0);
  ASSERT_EQ(::chmod((tree_ / "src/misc").c_str(), 0755), 0);
  ASSERT_TRUE(sys::remove_file(tree_ / "src/misc/go.mod"));
  ASSERT_TRUE(make_runnable(tree_));
  EXPECT_EQ(mode(tree_ / "bin/gofmt"), 0444U);
  EXPECT_FALSE(sys::is_file(tree_ / "src/misc/go.mod"));
}

TEST_F(MakeRunnable, for_other_systems_only_the_copies) {
  write("bin/go.exe", "x");
  write("src/_go.mod", "module std\n");
  close_folders();
  ASSERT_TRUE(make_runnable(tree_));
  EXPECT_EQ(mode(tree_ / "bin/go.exe"), 0444U);
  EXPECT_TRUE(sys::is_file(tree_ / "src/go.mod"));
}

TEST_F(MakeRunnable, a_tree_without_both_is_fine) {
  write("README", "x");
  EXPECT_TRUE(make_runnable(tree_));
}

}  // namespace
}  // namespace larder::modcache
