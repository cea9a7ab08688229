// SPDX-License-Identifier: Apache-2.0
#include "modcache/cache.hpp"

#include <array>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "modcache/test_support.hpp"
#include "modcache/version_list.hpp"
#include "modcache/ziphash.hpp"
#include "sys/lock.hpp"

namespace larder::modcache {
namespace {

TEST(Paths, AreGos) {
  const auto paths = Paths::of("/c", {"github.com/Azure/go", "v1.0.0-RC1+incompatible"}).value();
  EXPECT_EQ(paths.zip(), "/c/cache/download/github.com/!azure/go/@v/v1.0.0-!r!c1+incompatible.zip");
  EXPECT_EQ(paths.ziphash(), paths.zip().native() + "hash");
  EXPECT_EQ(paths.partial().extension(), ".partial");
  EXPECT_EQ(paths.lock().extension(), ".lock");
  EXPECT_EQ(paths.versions_dir(), "/c/cache/download/github.com/!azure/go/@v");
  EXPECT_EQ(paths.dir(), "/c/github.com/!azure/go@v1.0.0-!r!c1+incompatible");
  EXPECT_EQ(versions_dir("/c", "github.com/Azure/go").value(), paths.versions_dir());
}

TEST(Paths, Refused) {
  struct Case {
    gomod::Module module;
    std::string error;
  };
  const std::vector<Case> cases = {
      {{"example.com/m", "master"}, "invalid: non-semver module version \"master\""},
      {{"example.com/m", ""}, "invalid: non-semver module version \"\""},
      {{"example.com/m", "v1.2"}, "invalid: non-canonical module version \"v1.2\""},
      {{"example.com/m", "v1.2.3+meta"}, "invalid: non-canonical module version \"v1.2.3+meta\""},
      {{"go", "v1.2.3"}, "invalid: malformed module path \"go\": missing dot in first path element"},
      {{"../m", "v1.0.0"}, "invalid: malformed module path \"../m\": invalid path element \"..\""},
      {{"example.com/m", "v1.0.0/../x"}, "invalid: non-semver module version \"v1.0.0/../x\""},
  };
  for (const auto& c : cases) EXPECT_EQ(message_of(Paths::of("/c", c.module)), c.error) << c.module.str();
}

TEST_F(CacheTest, OpenCreatesTheFolder) {
  EXPECT_TRUE(Cache::open(root() / "a" / "b"));
  EXPECT_TRUE(sys::is_dir(root() / "a" / "b"));
}

TEST_F(CacheTest, OpenRefuses) {
  EXPECT_EQ(message_of(Cache::open("a/b")),
            "invalid: GOMODCACHE entry is relative; must be absolute path: \"a/b\".");
  put(root() / "file", "");
  EXPECT_EQ(message_of(Cache::open(root() / "file")),
            "io: could not create module cache: \"" + (root() / "file").native() + "\" is not a directory");
}

TEST_F(CacheTest, InfoThatIsNoJsonObjectIsAbsent) {
  struct Case {
    std::string_view content;
    bool present;
  };
  const std::array<Case, 8> cases = {{{R"({"Version":"v1.2.3","Time":"2024-05-06T07:08:09Z"})", true},
                                      {"{}", true},
                                      {"", false},
                                      {std::string_view("\0\0\0\0", 4), false},
                                      {R"({"Version":"v1.2.3")", false},
                                      {"[]", false},
                                      {"<html>", false},
                                      {"{} {}", false}}};
  const Cache cache = open();
  EXPECT_EQ(cache.info(module_).value(), std::nullopt);
  for (const auto& c : cases) {
    put(paths().info(), c.content);
    const auto info = cache.info(module_).value();
    EXPECT_EQ(info.has_value(), c.present) << c.content;
    EXPECT_EQ(info.value_or(std::string(c.content)), c.content);
  }
}

TEST_F(CacheTest, EndlessInfoIsAbsent) {
  put(paths().info(), "{}");
  ASSERT_EQ(::truncate(paths().info().c_str(), off_t{1} << 40U), 0);
  EXPECT_EQ(open().info(module_).value(), std::nullopt);
}

TEST_F(CacheTest, ModThatOldGoGeneratedIsAbsent) {
  const Cache cache = open();
  EXPECT_EQ(cache.mod(module_).value(), std::nullopt);
  put(paths().mod(), "//vgo 0.0.4\nmodule m\n");
  EXPECT_EQ(cache.mod(module_).value(), std::nullopt);
  put(paths().mod(), "module m\n");
  EXPECT_EQ(cache.mod(module_).value(), "module m\n");
}

TEST_F(CacheTest, ZiphashThatIsTornIsAbsent) {
  const Cache cache = open();
  const std::string whole = h1_.str();
  ASSERT_EQ(whole.size(), 47U);
  EXPECT_EQ(cache.ziphash(module_).value(), std::nullopt);
  const std::vector<std::string> torn = {"",
                                         whole.substr(0, 46),
                                         std::string(47, '\0'),
                                         whole.substr(0, 20) + std::string(27, '\0'),
                                         whole + "\n",
                                         whole + std::string(100, 'x')};
  for (const auto& content : torn) {
    put(paths().ziphash(), content);
    EXPECT_EQ(cache.ziphash(module_).value(), std::nullopt) << quote(content);
  }
  put(paths().ziphash(), whole);
  EXPECT_EQ(cache.ziphash(module_).value(), h1_);
}

TEST_F(CacheTest, ZiphashIsReadBehindItsWriter) {
  put(paths().ziphash(), std::string(47, '\0'));
  auto writer = std::optional(sys::FileLock::exclusive(paths().ziphash()).value());
  std::optional<gomod::H1> seen;
  std::thread reader([&] { seen = read_ziphash(paths().ziphash()).value(); });
  ASSERT_TRUE(writer->replace(as_bytes(h1_.str())));
  writer.reset();
  reader.join();
  EXPECT_EQ(seen, h1_);
}

TEST_F(CacheTest, WriteZiphashReplacesAnyContentInPlace) {
  for (const std::string& old : {std::string(), std::string(200, 'x'), std::string(47, 'y'), h1_.str()}) {
    put(paths().ziphash(), old);
    const auto before = sys::stat(paths().ziphash()).value()->inode;
    ASSERT_TRUE(write_ziphash(paths().ziphash(), h1_));
    EXPECT_EQ(text_of(paths().ziphash()), h1_.str());
    EXPECT_EQ(sys::stat(paths().ziphash()).value()->inode, before);
  }
}

TEST_F(CacheTest, DirStateFollowsGo) {
  const Cache cache = open();
  const auto state = [&] { return cache.dir_state(module_).value(); };
  EXPECT_EQ(state(), DirState::absent);
  put(paths().dir(), "a file");
  EXPECT_EQ(state(), DirState::not_a_directory);
  ASSERT_TRUE(sys::remove_file(paths().dir()));
  put(paths().dir() / "m.go", "");
  EXPECT_EQ(state(), DirState::no_ziphash);
  put(paths().ziphash(), h1_.str());
  EXPECT_EQ(state(), DirState::usable);
  put(paths().partial(), "");
  EXPECT_EQ(state(), DirState::partial);

  EXPECT_EQ(dir_state_reason(DirState::not_a_directory), "not a directory");
  EXPECT_EQ(dir_state_reason(DirState::no_ziphash), "ziphash file is missing");
  EXPECT_EQ(dir_state_reason(DirState::partial), "not completely extracted");
  EXPECT_EQ(dir_state_reason(DirState::usable), "");
}

TEST_F(CacheTest, Fips140NeedsNoZiphash) {
  const gomod::Module fips{"golang.org/fips140", "v1.0.0"};
  put(Paths::of(root(), fips)->dir() / "go.mod", "");
  EXPECT_EQ(open().dir_state(fips).value(), DirState::usable);
}

TEST_F(CacheTest, HasZipNeedsBothFiles) {
  const Cache cache = open();
  EXPECT_FALSE(cache.has_zip(module_).value());
  put(paths().zip(), zip_);
  EXPECT_FALSE(cache.has_zip(module_).value());
  put(paths().ziphash(), h1_.str());
  EXPECT_TRUE(cache.has_zip(module_).value());
}

sys::DirEntry entry(std::string name) {
  return {.name = std::move(name), .is_regular = true};
}

TEST(VersionList, HoldsCanonicalNamesOfModFiles) {
  const std::vector<sys::DirEntry> entries = {
      entry("v1.10.0.mod"),
      entry("v1.9.0.mod"),
      entry("v1.9.0.info"),
      entry("v1.8.0.zip"),                              // no .mod
      entry("v1.0.0-!r!c1.mod"),                        // upper case: never listed
      entry("v1.0.0-rc1.mod"),                          //
      entry("v2.0.0+incompatible.mod"),                 //
      entry("v0.0.0-20240506070809-abcdef012345.mod"),  //
      entry("v1.2.mod"),                                // not canonical
      entry("v1.2.3+meta.mod"),                         // not canonical
      entry("master.mod"),
      entry(".mod"),
      entry("v1.2.3.mod123.tmp"),
      entry("list"),
  };
  EXPECT_EQ(render_list(entries),
            "v0.0.0-20240506070809-abcdef012345\nv1.0.0-rc1\nv1.9.0\nv1.10.0\nv2.0.0+incompatible\n");
  EXPECT_EQ(render_list({}), "");
}

TEST(VersionList, DropsTornLines) {
  const std::string torn = "v1.0.0\nv1.1.0\n" + std::string(7, '\0') + "v1.2.0\nrubbish\nv1.3.0";
  EXPECT_EQ(parse_list(torn), (std::vector<std::string>{"v1.0.0", "v1.1.0", "v1.3.0"}));
  EXPECT_TRUE(parse_list("").empty());
}

TEST_F(CacheTest, WriteModRefreshesTheList) {
  const Cache cache = open();
  EXPECT_TRUE(cache.versions(module_.path)->empty());
  for (const char* version : {"v1.10.0", "v1.2.0", "v1.2.0-pre"}) {
    ASSERT_TRUE(cache.write_mod({module_.path, version}, "module m\n"));
  }
  EXPECT_EQ(text_of(paths().versions_dir() / "list"), "v1.2.0-pre\nv1.2.0\nv1.10.0\n");
  EXPECT_EQ(*cache.versions(module_.path), (std::vector<std::string>{"v1.2.0-pre", "v1.2.0", "v1.10.0"}));
  EXPECT_EQ(mode_of(paths().versions_dir() / "list"), 0644U);
  EXPECT_EQ(mode_of(Paths::of(root(), {module_.path, "v1.2.0"})->mod()), 0644U);
}

TEST_F(CacheTest, RefreshListMendsAndShrinksInPlace) {
  const Cache cache = open();
  ASSERT_TRUE(cache.write_mod(module_, "module m\n"));
  const Path list = paths().versions_dir() / "list";
  for (const std::string& broken : {std::string(), std::string(7, '\0'), std::string(4000, 'v')}) {
    put(list, broken);
    const auto inode = sys::stat(list).value()->inode;
    ASSERT_TRUE(cache.refresh_list(module_.path));
    EXPECT_EQ(text_of(list), "v1.2.3\n");
    EXPECT_EQ(sys::stat(list).value()->inode, inode);
  }
}

TEST_F(CacheTest, UnchangedListIsNotWritten) {
  const Cache cache = open();
  ASSERT_TRUE(cache.write_mod(module_, "module m\n"));
  const Path list = paths().versions_dir() / "list";
  const std::array<timespec, 2> long_ago = {{{.tv_sec = 1000, .tv_nsec = 0}, {.tv_sec = 1000, .tv_nsec = 0}}};
  ASSERT_EQ(::utimensat(AT_FDCWD, list.c_str(), long_ago.data(), 0), 0);
  ASSERT_TRUE(cache.write_mod(module_, "module m // changed\n"));
  EXPECT_EQ(sys::stat(list).value()->mtime_ns, std::int64_t{1000} * 1'000'000'000);
}

TEST_F(CacheTest, ListNamesEveryModThatWasWrittenInParallel) {
  const Cache cache = open();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&cache, t, this] {
      for (int i = 0; i < 25; ++i) {
        const gomod::Module module{module_.path, "v1." + std::to_string(t) + "." + std::to_string(i)};
        EXPECT_TRUE(cache.write_mod(module, "module m\n"));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(cache.versions(module_.path)->size(), 100U);
}

TEST_F(CacheTest, WriteInfoLeavesNoTempFile) {
  const Cache cache = open();
  ASSERT_TRUE(cache.write_info(module_, "{}"));
  ASSERT_TRUE(cache.write_info(module_, R"({"Version":"v1.2.3"})"));
  EXPECT_EQ(cache.info(module_).value(), R"({"Version":"v1.2.3"})");
  EXPECT_EQ(everything(paths().versions_dir()), (std::vector<std::string>{"v1.2.3.info"}));
}

TEST_F(CacheTest, VersionOfCommit) {
  const Cache cache = open();
  const std::string commit = "abcdef0123456789abcdef0123456789abcdef01";
  EXPECT_EQ(cache.version_of_commit(module_.path, commit).value(), std::nullopt);
  for (const char* name :
       {"v0.0.0-20240506070809-abcdef012345.info", "v1.2.4-0.20240506070809-abcdef012345.info",
        "v1.2.3-0.20240506070809-abcdef012345.info", "v1.9.0-0.20240506070809-abcdef012346.info",
        "v9.9.9-abcdef012345.info", "v1.9.9-0.20240506070809-abcdef012345.mod"}) {
    put(paths().versions_dir() / name, "{}");
  }
  EXPECT_EQ(cache.version_of_commit(module_.path, commit).value(), "v1.2.4-0.20240506070809-abcdef012345");
  EXPECT_EQ(cache.version_of_commit(module_.path, commit.substr(0, 11)).value(), std::nullopt);
  EXPECT_EQ(cache.version_of_commit(module_.path, "ABCDEF012345").value(), std::nullopt);
}

}  // namespace
}  // namespace larder::modcache
