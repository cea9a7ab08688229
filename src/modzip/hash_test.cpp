// SPDX-License-Identifier: Apache-2.0
#include "modzip/hash.hpp"

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "gomod/escape.hpp"
#include "modzip/extract.hpp"
#include "modzip/zip_builder.hpp"
#include "sys/files.hpp"

namespace larder::modzip {
namespace {

using test::build_zip;
using test::RawEntry;

const gomod::Module k_module{"example.com/m", "v1.0.0"};
const std::string k_prefix = "example.com/m@v1.0.0/";
const std::string k_vector = "h1:fCHMqo5ggHEQvwcrsN81zr5orRk5lClR36KRHpfUjKg=";  // go-modules.md section 3

std::vector<RawEntry> vector_entries(std::uint16_t method) {
  return {{.name = k_prefix + "m.go", .content = "package m\n", .method = method},
          {.name = k_prefix + "go.mod", .content = "module example.com/m\n", .method = method}};
}

std::string hash(const std::vector<RawEntry>& entries) {
  const auto h1 = hash_zip(k_module, as_bytes(build_zip(entries)));
  return h1 ? h1->str() : h1.error().message();
}

TEST(HashZip, KnownValue) {
  EXPECT_EQ(hash(vector_entries(0)), k_vector);
  EXPECT_EQ(hash(vector_entries(8)), k_vector);
  auto reversed = vector_entries(8);
  std::swap(reversed[0], reversed[1]);
  EXPECT_EQ(hash(reversed), k_vector);
  const std::string zip = build_zip(reversed);
  Scratch scratch;
  EXPECT_EQ(hash_archive(*Archive::open(as_bytes(zip)), scratch)->str(), k_vector);
}

TEST(HashZip, DirectoryEntriesCountAsEmptyFiles) {
  gomod::H1Builder builder;
  builder.add(k_prefix + "d/", sha256(""));
  builder.add(k_prefix + "d/", sha256(""));
  builder.add(k_prefix + "a", sha256("x"));
  EXPECT_EQ(
      hash({{.name = k_prefix + "d/"}, {.name = k_prefix + "a", .content = "x"}, {.name = k_prefix + "d/"}}),
      builder.finish()->str());
}

TEST(HashZip, Refuses) {
  const struct {
    std::string name;
    std::vector<RawEntry> entries;
    std::string want;
  } cases[] = {
      {"other module",
       {{.name = "example.com/n@v1.0.0/a"}},
       "zip for example.com/m@v1.0.0 has unexpected file example.com/n@v1.0.0/a"},
      {"newline", {{.name = k_prefix + "a\nb"}}, "dirhash: filenames with newlines are not supported"},
      {"duplicate",
       {{.name = k_prefix + "a"}, {.name = k_prefix + "a"}},
       "multiple entries for file \"example.com/m@v1.0.0/a\""},
      {"bad sum",
       {{.name = k_prefix + "a", .content = "x", .crc32 = 7}},
       "example.com/m@v1.0.0/a: zip: checksum error"},
      {"too large",
       {{.name = k_prefix + "a", .method = 8, .data = std::string(600'000, 'x'), .size = k_max_zip_file + 1}},
       "total uncompressed size of module contents too large (max size is 524288000 bytes)"},
  };
  for (const auto& c : cases) EXPECT_EQ(hash(c.entries), c.want) << c.name;
}

class HashDir : public ::testing::Test {
 protected:
  void write(const std::string& name, std::string_view content) {
    const auto path = root_ / name;
    ASSERT_TRUE(sys::make_dirs(path.parent_path()));
    ASSERT_TRUE(sys::write_file(path, as_bytes(content)));
  }
  sys::TempDir temp_ = *sys::TempDir::create();
  std::filesystem::path root_ = temp_.path() / "m";
};

TEST_F(HashDir, EqualsTheZip) {
  write("m.go", "package m\n");
  write("go.mod", "module example.com/m\n");
  EXPECT_EQ(hash_dir("example.com/m@v1.0.0", root_)->str(), k_vector);
  std::filesystem::create_directories(root_ / "empty" / "dir");
  EXPECT_EQ(hash_dir("example.com/m@v1.0.0", root_)->str(), k_vector);
  write("m.go", "package n\n");
  EXPECT_NE(hash_dir("example.com/m@v1.0.0", root_)->str(), k_vector);
}

TEST_F(HashDir, OrderIsByWholePath) {
  std::vector<RawEntry> entries;
  for (const std::string name : {"a/b", "a.txt", "a-b/c", "a0", "a/b.d/e"}) {
    write(name, name);
    entries.push_back({.name = k_prefix + name, .content = name});
  }
  EXPECT_EQ(hash_dir("example.com/m@v1.0.0", root_)->str(), hash(entries));
}

TEST_F(HashDir, ThreadsAndLargeFilesGiveTheSame) {
  write("large", std::string(700'001, 'x'));
  for (int i = 0; i < 2100; ++i) write("d" + std::to_string(i % 7) + "/" + std::to_string(i), "x");
  EXPECT_EQ(*hash_dir("p", root_, 1), *hash_dir("p", root_, 3));
}

TEST_F(HashDir, Refuses) {
  EXPECT_EQ(hash_dir("p", root_).error().kind(), Kind::not_found);
  write("a", "x");
  std::filesystem::create_symlink("a", root_ / "link");
  const auto linked = hash_dir("p", root_);
  ASSERT_FALSE(linked);
  EXPECT_EQ(linked.error().message(), root_.native() + "/link: not a regular file");
}

// Every zip of a real module cache, where one is given: what go wrote is what we compute.
TEST(HashZip, AgreesWithAModuleCache) {
  const char* const cache = std::getenv("LARDER_TEST_MODCACHE");
  if (cache == nullptr) GTEST_SKIP() << "LARDER_TEST_MODCACHE is not set";
  const auto root = std::filesystem::path(cache) / "cache" / "download";
  std::size_t zips = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(root)) {
    if (file.path().extension() != ".zip") continue;
    const auto directory = file.path().parent_path().parent_path().lexically_relative(root);
    const gomod::Module module{*gomod::unescape_path(directory.native()),
                               *gomod::unescape_version(file.path().stem().native())};
    const auto mapping = sys::Mapping::open(file.path());
    ASSERT_TRUE(mapping);
    const auto want = sys::read_file(std::filesystem::path(file.path()).replace_extension(".ziphash"));
    const auto got = check_and_hash(module, mapping->bytes());
    ASSERT_TRUE(got) << module.str() << ": " << got.error().message();
    EXPECT_EQ(got->h1.str(), *want) << module.str();
    ++zips;
  }
  EXPECT_GT(zips, 0U);
}

}  // namespace
}  // namespace larder::modzip
