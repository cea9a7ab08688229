// SPDX-License-Identifier: Apache-2.0
#include "modzip/zip_tree.hpp"

#include <string>

#include <gtest/gtest.h>

#include "modzip/zip_builder.hpp"

namespace larder::modzip {
namespace {

using test::build_zip;
using test::RawEntry;

const gomod::Module k_module{"example.com/m", "v1.0.0"};
const std::string k_prefix = "example.com/m@v1.0.0/";

std::string listed(const ZipTree& tree, std::string_view folder) {
  std::string out;
  for (const auto& child : tree.list(folder))
    out += std::string(child.name) + (child.entry == nullptr ? "/ " : " ");
  return out;
}

TEST(ZipTree, folders_and_files) {
  const std::string zip = build_zip({{.name = k_prefix + "b/c/z.go", .content = "package z\n"},
                                     {.name = k_prefix + "go.mod", .content = "module example.com/m\n"},
                                     {.name = k_prefix + "empty/"},
                                     {.name = k_prefix + "b/a.go", .content = "package b\n", .method = 0},
                                     {.name = k_prefix + "b-/x", .content = ""}});
  const auto tree = ZipTree::open(k_module, as_bytes(zip));
  ASSERT_TRUE(tree) << tree.error().message();
  EXPECT_EQ(listed(*tree, ""), "b/ b-/ go.mod ");
  EXPECT_EQ(listed(*tree, "b"), "a.go c/ ");
  EXPECT_EQ(listed(*tree, "b/c"), "z.go ");
  for (const auto* absent : {"empty", "b/a.go", "c", "b/", "/b"}) {
    EXPECT_EQ(listed(*tree, absent), "") << absent;
    EXPECT_FALSE(tree->has_folder(absent)) << absent;
  }
  EXPECT_EQ(tree->file("b"), nullptr);
  EXPECT_EQ(tree->file("b/d.go"), nullptr);
  Scratch scratch;
  for (const auto& [path, want] :
       {std::pair("b/a.go", "package b\n"), {"b/c/z.go", "package z\n"}, {"b-/x", ""}}) {
    const auto* entry = tree->file(path);
    ASSERT_NE(entry, nullptr) << path;
    EXPECT_EQ(as_text(*tree->read(*entry, scratch)), want);
  }
}

TEST(ZipTree, refuses_names_that_would_lead_out) {
  for (const auto* name : {"../x", "a/../x", "a//x", "/x", ".", "./x", ".."}) {
    const std::string zip = build_zip({{.name = k_prefix + name, .content = "x"}});
    EXPECT_FALSE(ZipTree::open(k_module, as_bytes(zip))) << name;
  }
  for (const auto& entries :
       {std::vector<RawEntry>{{.name = "example.com/other@v1.0.0/x"}},
        std::vector<RawEntry>{{.name = k_prefix + "a"}, {.name = k_prefix + "a/b"}},
        std::vector<RawEntry>{{.name = k_prefix + "a/b"}, {.name = k_prefix + "a/b"}}}) {
    EXPECT_FALSE(ZipTree::open(k_module, as_bytes(build_zip(entries))));
  }
}

TEST(ZipTree, depth_costs_bounded_memory) {
  std::string deep;
  for (int i = 0; i < 30'000; ++i) deep += "a/";
  const std::string zip = build_zip({{.name = k_prefix + deep + "x", .content = "x"}});
  const auto tree = ZipTree::open(k_module, as_bytes(zip));
  ASSERT_FALSE(tree);
  EXPECT_EQ(tree.error().message(), "zip: too many folders");
}

}  // namespace
}  // namespace larder::modzip
