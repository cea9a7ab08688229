// SPDX-License-Identifier: Apache-2.0
#include "app/go_folder.hpp"

#include <filesystem>

#include <gtest/gtest.h>

namespace larder::app {
namespace {

using Names = std::vector<std::string>;

class GoFolderTest : public ::testing::Test {
 protected:
  void write(const std::string& name, std::string_view text, bool old = true) const {
    const auto file = temp_.path() / name;
    ASSERT_TRUE(sys::make_dirs(file.parent_path()));
    ASSERT_TRUE(sys::write_file(file, as_bytes(text)));
    if (!old) return;
    std::filesystem::last_write_time(file,
                                     std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
  }
  sys::Path dir() const { return temp_.path(); }
  resolve::DirScan scan(FolderKind kind) const {
    const auto folder = read_go_folder(dir(), kind);
    return folder ? scan_go_folder(dir(), *folder) : resolve::DirScan{.error = folder.error()};
  }

 private:
  sys::TempDir temp_ = sys::TempDir::create().value();
};

TEST_F(GoFolderTest, imports_are_those_of_all_builds) {
  write("a.go", "package p\nimport (\n\t\"b\"\n\t\"C\"\n\t\"a\"\n)\n");
  write("a_windows.go", "//go:build windows\n\npackage p\nimport \"w\"\n");
  write("tool.go", "//go:build ignore\n\npackage main\nimport \"no\"\n");
  write("a_test.go", "package p_test\nimport \"t\"\nimport \"a\"\n");
  write("_x.go", "package p\nimport \"no\"\n");
  write("x.txt", "import \"no\"\n");
  const auto found = scan(FolderKind::extracted);
  EXPECT_EQ(found.imports, (Names{"a", "b", "w"}));
  EXPECT_EQ(found.test_imports, (Names{"a", "t"}));
  EXPECT_FALSE(found.no_go);
}

TEST_F(GoFolderTest, nothing_that_counts) {
  EXPECT_FALSE(read_go_folder(dir() / "absent", FolderKind::local)->has_go_files);
  write("tool.go", "//go:build ignore\n\npackage main\n");
  EXPECT_TRUE(read_go_folder(dir(), FolderKind::extracted)->has_go_files);
  EXPECT_TRUE(scan(FolderKind::extracted).no_go);
}

// The two readings of go: its index for files that have settled, else file by file.
TEST_F(GoFolderTest, a_header_with_an_error) {
  write("a.go", "package p\nimport \"a\" import \"b\"\n");
  EXPECT_EQ(scan(FolderKind::extracted).imports, Names{});
  EXPECT_EQ(scan(FolderKind::local).imports, Names{});
  write("young.go", "package p\n", false);
  EXPECT_EQ(scan(FolderKind::local).imports, (Names{"a", "b"}));
  EXPECT_EQ(scan(FolderKind::extracted).imports, Names{});
}

TEST_F(GoFolderTest, a_nul_byte) {
  using namespace std::string_view_literals;
  write("a.go", "package p\nimport \"a\"\n\0"sv);
  EXPECT_FALSE(scan(FolderKind::extracted).error);
  write("young.go", "package p\n", false);
  const auto found = scan(FolderKind::local);
  ASSERT_TRUE(found.error);
  EXPECT_EQ(found.error->message(), "reading " + (dir() / "a.go").native() + ": unexpected NUL in input");
}

TEST_F(GoFolderTest, hidden_go_files_make_a_folder_only_where_there_is_no_index) {
  write("_a.go", "package p\n");
  EXPECT_FALSE(read_go_folder(dir(), FolderKind::extracted)->has_go_files);
  write("young.txt", "", false);
  EXPECT_TRUE(read_go_folder(dir(), FolderKind::local)->has_go_files);
}

TEST_F(GoFolderTest, links_and_folders) {
  write("real/x.txt", "package p\nimport \"linked\"\n");
  std::filesystem::create_symlink("real/x.txt", dir() / "link.go");
  std::filesystem::create_symlink("nowhere", dir() / "broken.go");
  std::filesystem::create_symlink("real", dir() / "folder.go");
  ASSERT_TRUE(sys::make_dirs(dir() / "other.go"));
  EXPECT_EQ(scan(FolderKind::local).imports, Names{"linked"});
}

TEST_F(GoFolderTest, long_headers_are_read_to_their_end) {
  write("a.go",
        "/*" + std::string(100'000, 'x') + "*/\npackage p\nimport \"far\"\n" + std::string(100'000, '\n'));
  EXPECT_EQ(scan(FolderKind::extracted).imports, Names{"far"});
}

TEST_F(GoFolderTest, embeds_need_the_import) {
  write("a.go", "package p\nimport _ \"embed\"\n//go:embed x y\nvar s string\n");
  write("b.go", "package p\n//go:embed x y\nvar s string\n");
  EXPECT_EQ(file_embeds(dir() / "a.go"), (Names{"x", "y"}));
  EXPECT_EQ(file_embeds(dir() / "b.go"), Names{});
}

}  // namespace
}  // namespace larder::app
