// SPDX-License-Identifier: Apache-2.0
#include "modzip/check.hpp"

#include <gtest/gtest.h>

#include "modzip/collisions.hpp"
#include "modzip/fold.hpp"
#include "modzip/paths.hpp"
#include "modzip/zip_builder.hpp"

namespace larder::modzip {
namespace {

using test::build_zip;
using test::RawEntry;

const gomod::Module k_module{"example.com/m", "v1.0.0"};
const std::string k_prefix = "example.com/m@v1.0.0/";

// Names below the prefix, joined by spaces; or the error's text.
std::string check(std::vector<RawEntry> entries, const gomod::Module& module = k_module) {
  const std::string zip = build_zip(entries);
  const auto archive = Archive::open(as_bytes(zip));
  if (!archive) return "open: " + archive.error().message();
  const auto listing = check_zip(module, *archive);
  if (!listing) return listing.error().message();
  std::string out;
  for (const ListedFile& file : listing->files) {
    EXPECT_TRUE(archive->entries()[file.entry].name.ends_with(file.name));
    out += (out.empty() ? "" : " ") + std::string(file.name);
  }
  return out;
}

std::string check_names(const std::vector<std::string>& names) {
  std::vector<RawEntry> entries;
  for (const auto& name : names) entries.push_back({.name = k_prefix + name});
  return check(std::move(entries));
}

std::string message(std::string_view name, std::string_view reason) {
  return k_prefix + std::string(name) + ": " + std::string(reason);
}
std::string malformed(std::string_view name, std::string_view reason) {
  return message(name, "malformed file path \"" + std::string(name) + "\": " + std::string(reason));
}

TEST(CheckZip, Accepts) {
  const struct {
    std::vector<std::string> names;
    std::string want;
  } cases[] = {
      {{"go.mod", "a.go", "b/c.go"}, "go.mod a.go b/c.go"},
      {{"", "b/", "b/c.go"}, "b/c.go"},
      {{"b/c.go", "b/", "b/"}, "b/c.go"},
      {{"-dash", "sp ace", ".hidden", "a+b~c", "日本/é.go"}, "-dash sp ace .hidden a+b~c 日本/é.go"},
      {{"vendor/x/y.go", "sub/go.mod.txt", "go.mods"}, "vendor/x/y.go sub/go.mod.txt go.mods"},
      {{}, ""},
  };
  for (const auto& c : cases) EXPECT_EQ(check_names(c.names), c.want);
}

TEST(CheckZip, RefusesNames) {
  const struct {
    std::string name;
    std::string want;
  } cases[] = {
      {"a//b", message("a//b", "file path is not clean")},
      {"./a", message("./a", "file path is not clean")},
      {"a/../b", message("a/../b", "file path is not clean")},
      {"d//", message("d//", "file path is not clean")},
      {"/", message("/", "file path is not clean")},
      {"../a", malformed("../a", "invalid path element \"..\"")},
      {"/etc/passwd", malformed("/etc/passwd", "empty path element")},
      {"a.", malformed("a.", "trailing dot in path element")},
      {"a\\b", message("a\\b", "malformed file path \"a\\\\b\": invalid char '\\\\'")},
      {"a:b", malformed("a:b", "invalid char ':'")},
      {"a*b", malformed("a*b", "invalid char '*'")},
      {"con/x", malformed("con/x", "\"con\" disallowed as path element component on Windows")},
      {"LPT1.txt", malformed("LPT1.txt", "\"LPT1\" disallowed as path element component on Windows")},
      {"GO.MOD", message("GO.MOD", "go.mod files must have lowercase names")},
      {"a/go.mod", message("a/go.mod", "go.mod file not in module root directory")},
      {"a/GO.mod", message("a/GO.mod", "go.mod file not in module root directory")},
  };
  for (const auto& c : cases) EXPECT_EQ(check_names({c.name}), c.want);
  EXPECT_EQ(check({{.name = "example.com/m@v1.0.1/a"}}),
            "example.com/m@v1.0.1/a: path does not have prefix \"example.com/m@v1.0.0/\"");
  EXPECT_EQ(check({{.name = "/etc/passwd"}}),
            "/etc/passwd: path does not have prefix \"example.com/m@v1.0.0/\"");
  EXPECT_NE(check_names({"a\xFF"}).find("invalid UTF-8"), std::string::npos);
  EXPECT_NE(check_names({std::string("a\0b", 3)}).find("invalid char"), std::string::npos);
}

TEST(CheckZip, RefusesCollisions) {
  const auto folded = [](std::string_view where, std::string_view a, std::string_view b) {
    return message(where, "case-insensitive file name collision: \"" + std::string(a) + "\" and \"" +
                              std::string(b) + "\"");
  };
  const struct {
    std::vector<std::string> names;
    std::string want;
  } cases[] = {
      {{"a", "a"}, message("a", "multiple entries for file \"a\"")},
      {{"a", "A"}, folded("A", "a", "A")},
      {{"d/x", "D/y"}, folded("D/y", "d", "D")},
      {{"d/x", "D/y", "D/z"}, folded("D/y", "d", "D") + "\n" + folded("D/z", "d", "D")},
      {{"d/e/x", "D/e/y"}, folded("D/e/y", "d/e", "D/e")},
      {{"d", "D/y"}, folded("D/y", "d", "D")},
      {{"a", "a/b"}, message("a/b", "entry \"a\" is both a file and a directory")},
      {{"a/b", "a"}, message("a", "entry \"a\" is both a file and a directory")},
      {{"a/", "a"}, message("a", "entry \"a\" is both a file and a directory")},
      {{"a/", "A/"}, folded("A/", "a", "A")},
      {{"\u212A.go", "k.go"}, folded("k.go", "\u212A.go", "k.go")},  // Kelvin sign
      {{"\u017F.go", "S.go"}, folded("S.go", "\u017F.go", "S.go")},  // long s
      {{"\u00E9", "\u00C9"}, folded("\u00C9", "\u00E9", "\u00C9")},  // é É
      {{"\u03C3", "\u03C2"}, folded("\u03C2", "\u03C3", "\u03C2")},  // sigma, final sigma
      {{"\u00DF", "\u1E9E"}, folded("\u1E9E", "\u00DF", "\u1E9E")},  // sharp s
      {{"ss", "\u00DF"}, "ss \u00DF"},                               // simple folding only
      {{"i", "\u0130", "\u0131"}, "i \u0130 \u0131"},                // dotted and dotless i stand alone
  };
  for (const auto& c : cases) EXPECT_EQ(check_names(c.names), c.want);
}

TEST(CheckZip, ReportsAllFilesInOrder) {
  EXPECT_EQ(check_names({"b:", "a", "A", "c/go.mod"}),
            malformed("b:", "invalid char ':'") + "\n" +
                message("A", "case-insensitive file name collision: \"a\" and \"A\"") + "\n" +
                message("c/go.mod", "go.mod file not in module root directory"));
}

// Declared sizes are enough: nothing is inflated here. Data of a 1032nd makes them possible.
RawEntry declaring(const std::string& name, std::uint64_t size) {
  return {.name = k_prefix + name, .method = 8, .data = std::string(size / 1032 + 1, 'x'), .size = size};
}

TEST(CheckZip, RefusesSizes) {
  EXPECT_EQ(check({declaring("go.mod", k_max_go_mod)}), "go.mod");
  EXPECT_EQ(check({declaring("go.mod", k_max_go_mod + 1)}),
            message("go.mod", "go.mod file too large (max size is 16777216 bytes)"));
  EXPECT_EQ(check({declaring("LICENSE", k_max_license + 1)}),
            message("LICENSE", "LICENSE file too large (max size is 16777216 bytes)"));
  EXPECT_EQ(check({declaring("a/LICENSE", k_max_license + 1)}), "a/LICENSE");
  EXPECT_EQ(check({declaring("a", k_max_zip_file - 1), declaring("b", 1)}), "a b");
  const std::string too_large =
      "total uncompressed size of module contents too large (max size is 524288000 bytes)";
  EXPECT_EQ(check({declaring("a", k_max_zip_file - 1), declaring("b", 2)}), too_large);
  EXPECT_EQ(check({declaring("a", k_max_zip_file + 1)}), too_large);
  EXPECT_EQ(check({declaring("bad:name", 1), declaring("a", k_max_zip_file + 1)}), too_large);
}

TEST(CheckZip, RefusesModules) {
  EXPECT_EQ(check({}, {"example.com/m", "v1"}), "version \"v1\" is not canonical (should be \"v1.0.0\")");
  EXPECT_EQ(check({}, {"example.com/m", "v1.0.0+meta"}),
            "version \"v1.0.0+meta\" is not canonical (should be \"v1.0.0\")");
  EXPECT_NE(check({}, {"example.com/m", "v2.0.0"}).find("should be v0 or v1, not v2"), std::string::npos);
  EXPECT_NE(check({}, {"m", "v1.0.0"}).find("malformed module path"), std::string::npos);
}

TEST(Collisions, GrowsAndStillFindsAll) {
  std::vector<std::string> paths;
  for (int i = 0; i < 3000; ++i) paths.push_back("dir" + std::to_string(i % 50) + "/f" + std::to_string(i));
  Collisions collisions(0);
  for (const auto& path : paths) ASSERT_EQ(collisions.add(path, false), std::nullopt);
  for (const auto& path : paths) {
    ASSERT_EQ(collisions.add(path, false), "multiple entries for file \"" + path + "\"");
  }
}

TEST(Fold, Equality) {
  EXPECT_TRUE(equal_folded("README.md", "readme.MD"));
  EXPECT_TRUE(equal_folded("\uA64B", "\u1C88"));  // Cyrillic monograph uk
  EXPECT_FALSE(equal_folded("a", "ab"));
  EXPECT_FALSE(equal_folded("ab", "a"));
  EXPECT_FALSE(equal_folded("[", "{"));
  EXPECT_FALSE(equal_folded("\u00F7", "\u00D7"));  // the signs between two runs of letters
}

TEST(Paths, Clean) {
  for (const auto* path : {".", "/", "a", "a/b", "..", "../..", "../a", "/a", ".a", "a.."}) {
    EXPECT_TRUE(is_clean(path)) << path;
  }
  for (const auto* path : {"", "a/", "a//b", "./a", "a/.", "a/..", "../a/..", "/..", "//", "/a/"}) {
    EXPECT_FALSE(is_clean(path)) << path;
  }
}

}  // namespace
}  // namespace larder::modzip
