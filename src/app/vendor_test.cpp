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

TEST_F(Vendor, sources_of_all_sizes_and_kinds) {
  std::string large = "package b\nimport _ \"embed\"\n//go:embed data\nvar s string\n";
  large.append(5U << 20U, ' ');
  write("b/large.go", large);
  write("b/data", std::string(600'000, 'd'));
  write("b/ignored.go", "//go:build ignore\n" + large);
  write("b/_hidden.go", "package b\n");
  write("b/empty.s", "");
  std::filesystem::create_symlink("large.go", module() / "b" / "link.go");
  EXPECT_TRUE(copy_packages({package("b")}, out(), {}).empty());
  const auto to = out() / "example.com/a/b";
  EXPECT_EQ(files_below(to), (std::set<std::string>{"_hidden.go", "data", "empty.s", "large.go"}));
  EXPECT_EQ(*sys::read_file(to / "large.go"), large);
  EXPECT_EQ(sys::read_file(to / "data")->size(), 600'000U);
}

TEST_F(Vendor, removes_all_but_what_links_lead_to) {
  write("kept/x.go", "package x\n");
  for (const auto* name : {"a.test/b/c.go", "a.test/d.go", "modules.txt"}) {
    ASSERT_TRUE(sys::make_dirs((out() / name).parent_path()));
    ASSERT_TRUE(sys::write_file(out() / name, {}));
  }
  std::filesystem::create_directory_symlink(module(), out() / "a.test" / "link");
  EXPECT_TRUE(remove_vendor(out(), {}));
  EXPECT_FALSE(std::filesystem::exists(out()));
  EXPECT_TRUE(remove_vendor(out(), {}));
  std::filesystem::create_directory_symlink(module(), out());
  EXPECT_TRUE(remove_vendor(out(), {}));
  EXPECT_FALSE(std::filesystem::is_symlink(out()));
  EXPECT_TRUE(sys::is_file(module() / "kept/x.go"));
}

TEST_F(Vendor, every_failure_is_told) {
  for (const auto* name : {"p", "q"}) {
    write(std::string(name) + "/x.go", "package x\nimport _ \"embed\"\n//go:embed gone\nvar s string\n");
  }
  write("r/r.go", "package r\n");
  const auto failed = copy_packages({package("p"), package("q"), package("r")}, out(), {});
  ASSERT_EQ(failed.size(), 2U);
  EXPECT_EQ(failed[0].package, 0U);
  EXPECT_EQ(failed[0].error.message(),
            "resolving embeds in example.com/a/p: pattern gone: no matching files found");
  EXPECT_EQ(failed[1].package, 1U);
  EXPECT_TRUE(files_below(out()).contains("example.com/a/r/r.go"));
}

TEST_F(Vendor, nothing_is_left_behind_what_ends_it) {
  write("p/p.go", "package p\n");
  write("q/q.go", "packag q\n");
  write("q/inner/x.go", "package inner\n");
  write("r/r.go", "package r\n");
  const auto failed = copy_packages({package("p"), package("q"), package("q/inner"), package("r")}, out(),
                                    {.drop_mod_files = true, .threads = 1});
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_TRUE(failed[0].ends);
  EXPECT_EQ(failed[0].package, 1U);
  EXPECT_TRUE(files_below(out()).contains("example.com/a/p/p.go"));
  EXPECT_FALSE(files_below(out()).contains("example.com/a/q/inner/x.go"));
  EXPECT_FALSE(files_below(out()).contains("example.com/a/r/r.go"));
}

}  // namespace
}  // namespace larder::app
