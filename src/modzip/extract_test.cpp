// SPDX-License-Identifier: Apache-2.0
#include "modzip/extract.hpp"

#include <filesystem>
#include <functional>
#include <map>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "modzip/hash.hpp"
#include "modzip/zip_builder.hpp"
#include "sys/files.hpp"

namespace larder::modzip {
namespace {

namespace fs = std::filesystem;
using test::build_zip;
using test::RawEntry;

const gomod::Module k_module{"example.com/m", "v1.0.0"};
const std::string k_prefix = "example.com/m@v1.0.0/";

mode_t mode_of(const fs::path& path) {
  struct stat info = {};
  EXPECT_EQ(::lstat(path.c_str(), &info), 0) << path;
  return info.st_mode & 07777;
}

mode_t current_umask() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return mask;
}

class Extract : public ::testing::Test {
 protected:
  Result<Extracted> run(const std::vector<std::pair<std::string, std::string>>& files,
                        const ExtractOptions& options = {}) {
    std::vector<RawEntry> entries;
    for (const auto& [name, content] : files) {
      entries.push_back({.name = k_prefix + name, .content = content, .method = 8});
    }
    return run_raw(entries, options);
  }
  Result<Extracted> run_raw(const std::vector<RawEntry>& entries, const ExtractOptions& options = {}) {
    zip_ = build_zip(entries);
    return extract(k_module, as_bytes(zip_), target_, options);
  }
  std::map<std::string, std::string> tree() const {
    std::map<std::string, std::string> out;
    for (const auto& file : fs::recursive_directory_iterator(target_)) {
      if (file.is_directory()) continue;
      out[file.path().lexically_relative(target_).native()] = *sys::read_file(file.path());
    }
    return out;
  }

  std::string zip_;
  sys::TempDir temp_ = *sys::TempDir::create();
  fs::path target_ = temp_.path() / "not" / "yet" / "m@v1.0.0";
};

TEST_F(Extract, WritesTheTreeAndKnowsItsHash) {
  const std::map<std::string, std::string> files = {{"go.mod", "module example.com/m\n"},
                                                    {"m.go", "package m\n"},
                                                    {"a.txt", ""},
                                                    {"a/b", "b"},
                                                    {"a/c/d", "d"},
                                                    {"a/c.d", "x"},
                                                    {"a-b/c", "y"},
                                                    {"z/y/x/w", "w"}};
  const auto result = run({files.rbegin(), files.rend()});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(tree(), files);
  EXPECT_EQ(result->files, files.size());
  EXPECT_EQ(result->bytes, 36U);
  EXPECT_EQ(result->h1, *hash_zip(k_module, as_bytes(zip_)));
  EXPECT_EQ(result->h1, *hash_dir("example.com/m@v1.0.0", target_));
  EXPECT_EQ(result->h1, check_and_hash(k_module, as_bytes(zip_))->h1);
}

TEST_F(Extract, FilesAndDirectoriesAreReadOnly) {
  ASSERT_TRUE(run({{"a/b/c", "x"}, {"d", "y"}}));
  const mode_t mask = current_umask();
  for (const auto* file : {"a/b/c", "d"}) EXPECT_EQ(mode_of(target_ / file), 0444 & ~mask) << file;
  for (const auto* dir : {"", "a", "a/b"}) EXPECT_EQ(mode_of(target_ / dir), 0555 & ~mask) << dir;
}

TEST_F(Extract, ReadWriteLeavesDirectoriesWritable) {
  ASSERT_TRUE(run({{"a/b/c", "x"}}, {.read_write = true}));
  const mode_t mask = current_umask();
  EXPECT_EQ(mode_of(target_ / "a/b/c"), 0444 & ~mask);
  for (const auto* dir : {"", "a", "a/b"}) EXPECT_EQ(mode_of(target_ / dir), 0777 & ~mask) << dir;
}

TEST_F(Extract, ZipModesMeanNothing) {
  ASSERT_TRUE(run_raw({{.name = k_prefix + "link", .content = "../../etc", .external_attributes = 0xA1FF0000},
                       {.name = k_prefix + "run", .content = "x", .external_attributes = 0x8DFF0000}}));
  EXPECT_FALSE(fs::is_symlink(target_ / "link"));
  EXPECT_EQ(tree(), (std::map<std::string, std::string>{{"link", "../../etc"}, {"run", "x"}}));
  EXPECT_EQ(mode_of(target_ / "run"), 0444 & ~current_umask());
}

TEST_F(Extract, DirectoryEntriesAreNotCreated) {
  const auto result = run_raw({{.name = k_prefix}, {.name = k_prefix + "empty/"}, {.name = k_prefix + "a"}});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_FALSE(fs::exists(target_ / "empty"));
  EXPECT_EQ(result->files, 1U);
}

TEST_F(Extract, EmptyZipMakesTheDirectory) {
  ASSERT_TRUE(run({}));
  EXPECT_TRUE(fs::is_directory(target_));
}

TEST_F(Extract, TargetMustBeEmpty) {
  ASSERT_TRUE(sys::make_dirs(target_));
  EXPECT_TRUE(run({{"a", "x"}}));
  const auto again = run({{"a", "x"}});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message(), "target directory " + target_.native() + " exists and is not empty");
}

TEST_F(Extract, NothingIsMadeForABadZip) {
  const struct {
    std::string name;
    std::vector<RawEntry> entries;
    std::string want;
  } cases[] = {
      {"parent", {{.name = k_prefix + "../../x"}}, "invalid path element"},
      {"prefix", {{.name = "m/x"}}, "path does not have prefix"},
      {"duplicate", {{.name = k_prefix + "x"}, {.name = k_prefix + "x"}}, "multiple entries for file \"x\""},
      {"case", {{.name = k_prefix + "x"}, {.name = k_prefix + "X"}}, "case-insensitive file name collision"},
      {"encrypted", {{.name = k_prefix + "x", .flags = 1}}, "is encrypted"},
      {"bomb",
       {{.name = k_prefix + "x", .method = 8, .data = std::string(600'000, 'x'), .size = k_max_zip_file + 1}},
       "too large"},
  };
  for (const auto& c : cases) {
    const auto result = run_raw(c.entries);
    ASSERT_FALSE(result) << c.name;
    EXPECT_EQ(result.error().kind(), Kind::invalid);
    EXPECT_NE(result.error().message().find(c.want), std::string::npos) << result.error().message();
    EXPECT_FALSE(fs::exists(target_)) << c.name;
  }
}

TEST_F(Extract, WrongContentStopsIt) {
  const auto lying = run_raw({{.name = k_prefix + "x", .content = "hello", .method = 8, .size = 4}});
  ASSERT_FALSE(lying);
  EXPECT_EQ(lying.error().message(),
            "uncompressed size of file " + k_prefix + "x is larger than declared size (4 bytes)");
  ASSERT_TRUE(sys::remove_tree(target_));
  const auto damaged = run_raw({{.name = k_prefix + "x", .content = "hello", .crc32 = 4}});
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().message(), k_prefix + "x: zip: checksum error");
}

// A bomb of a thousandfold: 200 files of a mebibyte in 200 KiB. Memory stays that of one file.
TEST_F(Extract, BombWithinTheLimitsNeedsLittleMemory) {
  const std::string packed = test::deflate(std::string(std::size_t{1} << 20U, '\0'));
  std::vector<RawEntry> entries;
  for (int i = 0; i < 200; ++i) {
    entries.push_back({.name = k_prefix + std::to_string(i),
                       .content = {},
                       .method = 8,
                       .data = packed,
                       .crc32 = 0xA738EA1C,
                       .size = std::size_t{1} << 20U});
  }
  zip_ = build_zip(entries);
  struct rusage before = {};
  ::getrusage(RUSAGE_SELF, &before);
  const auto result = check_and_hash(k_module, as_bytes(zip_));
  struct rusage after = {};
  ::getrusage(RUSAGE_SELF, &after);
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->bytes, 200U << 20U);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 32 << 10);  // KiB
}

TEST_F(Extract, DeepTrees) {
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "d" + std::to_string(i) + "/";
  const auto result = run({{deep + "x/one", "1"},
                           {deep + "two", "2"},
                           {deep + "y/z/three", "3"},
                           {"d0/d1/four", "4"},
                           {"five", "5"}});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->h1, *hash_dir("example.com/m@v1.0.0", target_));
  EXPECT_EQ(mode_of(target_ / deep / "y" / "z"), 0555 & ~current_umask());
}

TEST_F(Extract, ThreadsGiveTheSameTree) {
  std::vector<std::pair<std::string, std::string>> files;
  for (int i = 0; i < 2100; ++i) {
    files.emplace_back("d" + std::to_string(i % 11) + "/e" + std::to_string(i % 3) + "/" + std::to_string(i),
                       std::to_string(i * 7));
  }
  const auto result = run(files, {.threads = 4});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->h1, *hash_dir("example.com/m@v1.0.0", target_));
  EXPECT_EQ(result->h1, check_and_hash(k_module, as_bytes(zip_))->h1);
  EXPECT_EQ(tree().size(), files.size());
  EXPECT_EQ(mode_of(target_ / "d3" / "e1"), 0555 & ~current_umask());
}

TEST_F(Extract, ThreadsReportTheFirstDamage) {
  std::vector<RawEntry> entries;
  for (int i = 0; i < 2100; ++i)
    entries.push_back({.name = k_prefix + std::to_string(10000 + i), .content = "x"});
  entries[70].crc32 = 1;
  const auto result = run_raw(entries, {.threads = 3});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message(), k_prefix + "10070: zip: checksum error");
}

TEST_F(Extract, StopsWhenAsked) {
  std::stop_source source;
  source.request_stop();
  const auto result = run({{"a", "x"}}, {.stop = source.get_token()});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind(), Kind::cancelled);
  EXPECT_FALSE(fs::exists(target_ / "a"));
}

TEST_F(Extract, TargetIsAFile) {
  ASSERT_TRUE(sys::make_dirs(target_.parent_path()));
  ASSERT_TRUE(sys::write_file(target_, as_bytes("x")));
  EXPECT_FALSE(run({{"a", "x"}}));
  EXPECT_EQ(*sys::read_file(target_), "x");
}

TEST_F(Extract, NamesThatTheSystemRefuses) {
  const auto result = run({{std::string(300, 'n'), "x"}});
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message().find("file name too long"), std::string::npos)
      << result.error().message();
}

}  // namespace
}  // namespace larder::modzip
