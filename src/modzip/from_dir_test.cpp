// SPDX-License-Identifier: Apache-2.0
#include "modzip/from_dir.hpp"

#include <filesystem>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "modzip/extract.hpp"
#include "modzip/hash.hpp"
#include "modzip/zip_builder.hpp"
#include "sys/files.hpp"

namespace larder::modzip {
namespace {

namespace fs = std::filesystem;
const gomod::Module k_module{"example.com/m", "v1.0.0"};

TEST(Vendored, ByGoVersion) {
  const struct {
    std::string path;
    bool before;
    bool since;
  } cases[] = {
      {"a.go", false, false},
      {"vendor/modules.txt", false, true},
      {"vendor/x.go", false, false},
      {"vendor/x/y.go", true, true},
      {"vendors/x/y.go", false, false},
      {"a/vendor/x/y.go", true, true},
      {"pkg/vendor/vendor.go", true, false},  // the historic miscount: before 1.24 always
      {"a/vendor/x.go", true, false},
      {"sub/vendor/modules.txt", true, false},
      {"xvendor/a/b", false, false},
  };
  for (const auto& c : cases) {
    for (const auto* old : {"", "1.23", "1.23.9", "1.9", "nonsense"}) {
      EXPECT_EQ(is_vendored(c.path, old), c.before) << c.path << " at " << old;
    }
    for (const auto* recent : {"1.24", "1.24rc1", "1.24.3", "1.100"}) {
      EXPECT_EQ(is_vendored(c.path, recent), c.since) << c.path << " at " << recent;
    }
  }
}

TEST(GoVersion, OfGoMod) {
  EXPECT_EQ(go_version_of_mod("module m\n\ngo 1.24.1\n"), "1.24.1");
  EXPECT_EQ(go_version_of_mod("module m\n"), "");
  EXPECT_EQ(go_version_of_mod("\"unfinished"), "");
}

Candidate text_file(const std::string& path, std::string content = "") {
  Candidate out{.path = path, .size = content.size()};
  out.read = [content = std::make_shared<std::string>(std::move(content))](Scratch&) -> Result<Bytes> {
    return as_bytes(*content);
  };
  return out;
}

// "path path | omitted: reason; … | error"
std::string select(const std::vector<Candidate>& candidates) {
  const auto selection = select_files(candidates);
  if (!selection) return selection.error().message();
  std::string out;
  for (const std::size_t i : selection->valid) out += candidates[i].path + " ";
  out += "|";
  for (const FileError& file : selection->omitted) out += " " + file.path + ": " + file.reason + ";";
  const auto error = selection->errors.error();
  return out + " | " + (error ? error->message() : "");
}

TEST(Select, Rules) {
  Candidate link{.path = "link", .type = FileType::symlink};
  Candidate pipe{.path = "pipe", .type = FileType::other};
  Candidate linked_mod{.path = "c/go.mod", .type = FileType::symlink};
  Candidate clash{.path = "LINK", .type = FileType::regular};
  const struct {
    std::string name;
    std::vector<Candidate> files;
    std::string want;
  } cases[] = {
      {"all", {text_file("go.mod", "module m\n"), text_file("a/b.go")}, "go.mod a/b.go | | "},
      {"nothing", {}, "| | "},
      {"other module",
       {text_file("a/go.mod"), text_file("a/b/c"), text_file("ab/c")},
       "ab/c | a/go.mod: file is in another module; a/b/c: file is in another module; | "},
      {"other module, other case",
       {text_file("a/x"), text_file("a/GO.mod")},
       "| a/x: file is in another module; a/GO.mod: file is in another module; | "},
      {"link to go.mod is no module",
       {linked_mod, text_file("c/x")},
       "c/x | c/go.mod: file is a symbolic link; | "},
      {"vendored, old",
       {text_file("go.mod", "module m\ngo 1.23\n"), text_file("vendor/modules.txt"), text_file("vendor/x/y")},
       "go.mod vendor/modules.txt | vendor/x/y: file is in vendor directory; | "},
      {"vendored, new",
       {text_file("go.mod", "module m\ngo 1.24\n"), text_file("vendor/modules.txt")},
       "go.mod | vendor/modules.txt: file is in vendor directory; | "},
      {"hg",
       {text_file(".hg_archival.txt"), text_file("a/.hg_archival.txt")},
       "a/.hg_archival.txt | .hg_archival.txt: file is inserted by 'hg archive' and is always omitted; | "},
      {"special", {link, pipe}, "| link: file is a symbolic link; pipe: not a regular file; | "},
      {"collision comes before the link test",
       {link, clash},
       "| link: file is a symbolic link; | LINK: case-insensitive file name collision: \"link\" and "
       "\"LINK\""},
      {"not clean",
       {text_file("a//vendor/b/c"), text_file("b")},
       "b | | a//vendor/b/c: file path is not clean"},
      {"absolute", {text_file("/a")}, "| | /a: file path is not relative"},
      {"case of go.mod", {text_file("Go.mod")}, "| | Go.mod: go.mod files must have lowercase names"},
      {"name",
       {text_file("a:b"), text_file("c*")},
       "| | a:b: malformed file path \"a:b\": invalid char ':'\nc*: malformed file path \"c*\": invalid char "
       "'*'"},
  };
  for (const auto& c : cases) EXPECT_EQ(select(c.files), c.want) << c.name;
}

TEST(Select, Sizes) {
  const auto sized = [](const std::string& path, std::uint64_t size) {
    Candidate out = text_file(path);
    out.size = size;
    return out;
  };
  EXPECT_EQ(select({sized("go.mod", k_max_go_mod + 1)}),
            "| | go.mod: go.mod file too large (max size is 16777216 bytes)");
  EXPECT_EQ(select({sized("LICENSE", k_max_license + 1)}),
            "| | LICENSE: LICENSE file too large (max size is 16777216 bytes)");
  EXPECT_EQ(select({sized("a", k_max_zip_file)}), "a | | ");
  EXPECT_EQ(select({sized("a", k_max_zip_file), sized("b", 1)}),
            "a b | | module source tree too large (max size is 524288000 bytes)");
}

class FromDir : public ::testing::Test {
 protected:
  void write(const std::string& name, std::string_view content = "x") {
    const auto path = root_ / name;
    ASSERT_TRUE(sys::make_dirs(path.parent_path()));
    ASSERT_TRUE(sys::write_file(path, as_bytes(content)));
  }
  std::string listed(std::vector<FileError>* omitted = nullptr) {
    std::string out;
    const auto files = *list_dir(root_, omitted);
    for (const Candidate& file : files) out += file.path + " ";
    return out;
  }
  std::string create(Method method = Method::deflated, const gomod::Module& module = k_module) {
    zip_.clear();
    const auto sink = [this](Bytes bytes) -> Result<void> {
      zip_ += as_text(bytes);
      return {};
    };
    const auto made = create_zip_from_dir(sink, module, root_, method);
    return made ? "" : made.error().message();
  }

  sys::TempDir temp_ = *sys::TempDir::create();
  fs::path root_ = temp_.path() / "src";
  std::string zip_;
};

TEST_F(FromDir, WalksInGoOrderAndSkips) {
  write("go.mod", "module example.com/m\ngo 1.24\n");
  for (const auto* name : {"a/z", "a.txt", "a/b/c", ".git/config", "sub/.hg/x", "nested/go.mod", "nested/x",
                           "vendor/p/q.go", "vendor/modules.txt", "vendor/README"})
    write(name);
  write("b/.git", "gitdir: elsewhere\n");  // a file, as in work trees
  fs::create_directories(root_ / "odd" / "go.mod");
  write("odd/x");
  fs::create_directories(root_ / "linked");
  fs::create_symlink("../go.mod", root_ / "linked" / "go.mod");
  write("linked/x");
  fs::create_symlink("a.txt", root_ / "alias");
  std::vector<FileError> omitted;
  EXPECT_EQ(listed(&omitted), "a/b/c a/z a.txt b/.git go.mod odd/x vendor/README ");
  const std::vector<FileError> want = {{".git", "directory is a version control repository"},
                                       {"alias", "not a regular file"},
                                       {"linked", "directory is in another module"},
                                       {"nested", "directory is in another module"},
                                       {"sub/.hg", "directory is a version control repository"},
                                       {"vendor/modules.txt", "file is in vendor directory"},
                                       {"vendor/p/q.go", "file is in vendor directory"}};
  EXPECT_EQ(omitted, want);
}

TEST_F(FromDir, ZipHasTheHashOfTheTree) {
  write("go.mod", "module example.com/m\n");
  write("m.go", "package m\n");
  write("deep/er/x.go", std::string(100'000, 'y'));
  for (const Method method : {Method::stored, Method::deflated}) {
    ASSERT_EQ(create(method), "");
    const auto checked = check_and_hash(k_module, as_bytes(zip_));
    ASSERT_TRUE(checked) << checked.error().message();
    EXPECT_EQ(checked->h1, *hash_dir("example.com/m@v1.0.0", root_));
  }
}

TEST_F(FromDir, Refuses) {
  const std::string directory = root_.native();
  EXPECT_EQ(list_dir(root_).error().kind(), Kind::not_found);
  EXPECT_TRUE(create().starts_with("create zip from directory " + directory + ": ")) << create();
  write("a");
  write("A");
  EXPECT_EQ(create(),
            "create zip " + directory + ": a: case-insensitive file name collision: \"A\" and \"a\"");
  EXPECT_EQ(create(Method::stored, {"example.com/m", "v1"}),
            "create zip " + directory + ": version \"v1\" is not canonical (should be \"v1.0.0\")");
  const Sink none = [](Bytes) -> Result<void> { return {}; };
  const std::vector<Candidate> bad = {text_file("a:")};
  EXPECT_EQ(create_zip(none, k_module, bad).error().message(),
            "create zip: a:: malformed file path \"a:\": invalid char ':'");
}

TEST_F(FromDir, AFileThatGrewIsNoticed) {
  write("a", "short");
  const auto files = *list_dir(root_);
  write("a", "longer than before");
  const Sink none = [](Bytes) -> Result<void> { return {}; };
  EXPECT_EQ(create_zip(none, k_module, files).error().message(),
            "create zip: file \"" + (root_ / "a").native() + "\" is larger than declared size");
}

}  // namespace
}  // namespace larder::modzip
