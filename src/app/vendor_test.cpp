// SPDX-License-Identifier: Apache-2.0
#include "app/vendor.hpp"

#include <filesystem>
#include <set>

#include <gtest/gtest.h>

namespace larder::app {
namespace {

std::set<std::string> files_below(const sys::Path& root) {
  std::set<std::string> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (!entry.is_directory()) out.insert(std::filesystem::relative(entry.path(), root).native());
  }
  return out;
}

class Vendor : public ::testing::Test {
 protected:
  void write(const std::string& name, std::string_view text) const {
    const auto file = module() / name;
    ASSERT_TRUE(sys::make_dirs(file.parent_path()));
    ASSERT_TRUE(sys::write_file(file, as_bytes(text)));
  }
  sys::Path module() const { return temp_.path() / "a@v1.0.0"; }
  sys::Path out() const { return temp_.path() / "vendor"; }
  VendoredPackage package(const std::string& name) const {
    return {"example.com/a/" + name, "example.com/a", (module() / name).native()};
  }

 private:
  sys::TempDir temp_ = sys::TempDir::create().value();
};

TEST_F(Vendor, sources_licences_and_embeds) {
  write("go.mod", "module example.com/a\n");
  write("LICENSE", "l");
  write("root.go", "package a\n");
  write("x/NOTICE.md", "n");
  write("x/other.md", "o");
  write("x/y/y.go", "package y\nimport _ \"embed\"\n//go:embed data\nvar s string\n");
  write("x/y/y_test.go", "package y\nimport _ \"embed\"\n//go:embed testdata\nvar t string\n");
  write("x/y/tool.go", "//go:build ignore\n\npackage main\n");
  write("x/y/go.sum", "");
  write("x/y/asm_amd64.s", "");
  write("x/y/.dot", "");
  write("x/y/data/d.txt", "");
  write("x/y/testdata/t.txt", "");
  EXPECT_TRUE(copy_packages({package("x/y")}, out(), {}).empty());
  EXPECT_EQ(files_below(out() / "example.com/a"),
            (std::set<std::string>{"LICENSE", "x/NOTICE.md", "x/y/.dot", "x/y/asm_amd64.s", "x/y/data/d.txt",
                                   "x/y/y.go"}));
  ASSERT_TRUE(sys::remove_tree(out()));
  EXPECT_TRUE(copy_packages({package("x/y")}, out(), {.drop_mod_files = false, .test_embeds = true}).empty());
  EXPECT_TRUE(files_below(out()).contains("example.com/a/x/y/go.sum"));
  EXPECT_TRUE(files_below(out()).contains("example.com/a/x/y/testdata/t.txt"));
}

TEST_F(Vendor, every_failure_is_told) {
  for (const auto* name : {"p", "q"}) {
    write(std::string(name) + "/x.go", "package x\nimport _ \"embed\"\n//go:embed gone\nvar s string\n");
  }
  write("r/r.go", "package r\n");
  const auto failed = copy_packages({package("p"), package("q"), package("r")}, out(), {});
  ASSERT_EQ(failed.size(), 2U);
  EXPECT_EQ(failed[0].message(),
            "resolving embeds in example.com/a/p: pattern gone: no matching files found");
  EXPECT_TRUE(files_below(out()).contains("example.com/a/r/r.go"));
}

}  // namespace
}  // namespace larder::app
