// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>

#include "modcache/cache.hpp"
#include "modcache/test_support.hpp"
#include "sys/lock.hpp"

namespace larder::modcache {
namespace {

Result<void> anything(const gomod::H1&) {
  return {};
}

Result<void> nothing(const gomod::H1& h1) {
  return fail(Kind::unverified, "refused " + h1.str());
}

Result<void> must_not_fetch(sys::AtomicFile&) {
  ADD_FAILURE() << "fetched";
  return fail(Kind::internal, "fetched");
}

class InstallTest : public CacheTest {
 protected:
  FetchZip give(std::string_view zip) const {
    return [zip](sys::AtomicFile& file) { return file.write(as_bytes(zip)); };
  }
  FetchZip give() const { return give(zip_); }
  // The right tree and nothing unfinished beside it.
  void expect_whole() const {
    EXPECT_EQ(text_of(paths().zip()), zip_);
    EXPECT_EQ(text_of(paths().ziphash()), h1_.str());
    EXPECT_EQ(open().dir_state(module_).value(), DirState::usable);
    EXPECT_EQ(everything(paths().dir()),
              (std::vector<std::string>{"go.mod", "m.go", "sub", "sub/deep", "sub/deep/d.go", "sub/s.go"}));
    for (const auto& [name, content] : files_) EXPECT_EQ(text_of(paths().dir() / name), content);
    expect_tidy();
  }
  void expect_tidy() const {
    EXPECT_FALSE(present(paths().partial()));
    for (const std::string& name : everything(root())) {
      EXPECT_EQ(name.find("tmp"), std::string::npos) << name;
    }
  }
  // Nothing has a name: at most the lock file and folders.
  void expect_nothing() const {
    EXPECT_FALSE(present(paths().zip()));
    EXPECT_FALSE(present(paths().ziphash()));
    EXPECT_FALSE(present(paths().dir()));
    expect_tidy();
  }
  void install() const { ASSERT_TRUE(open().install(module_, give(), anything)); }
};

TEST_F(InstallTest, Fresh) {
  const auto installed = open().install(module_, give(), anything).value();
  EXPECT_EQ(installed.h1, h1_);
  EXPECT_EQ(installed.zip, paths().zip());
  EXPECT_EQ(installed.dir, paths().dir());
  EXPECT_TRUE(installed.fetched);
  EXPECT_TRUE(installed.extracted);
  expect_whole();
}

TEST_F(InstallTest, ModesAreGos) {
  install();
  EXPECT_EQ(mode_of(paths().dir()), 0555U);
  EXPECT_EQ(mode_of(paths().dir() / "sub/deep"), 0555U);
  EXPECT_EQ(mode_of(paths().dir() / "sub/deep/d.go"), 0444U);
  EXPECT_EQ(mode_of(paths().dir().parent_path()), 0755U);
  EXPECT_EQ(mode_of(paths().zip()), 0644U);
  EXPECT_EQ(mode_of(paths().ziphash()), 0644U);
  EXPECT_EQ(mode_of(paths().lock()), 0644U);
}

TEST_F(InstallTest, ModcacherwLeavesDirectoriesWritable) {
  ASSERT_TRUE(open({.read_write = true}).install(module_, give(), anything));
  EXPECT_EQ(mode_of(paths().dir()), 0755U);
  EXPECT_EQ(mode_of(paths().dir() / "sub/deep"), 0755U);
  EXPECT_EQ(mode_of(paths().dir() / "sub/deep/d.go"), 0444U);
}

TEST_F(InstallTest, WithoutExtract) {
  const auto installed = open().install(module_, give(), anything, {.extract = false}).value();
  EXPECT_EQ(installed.dir, Path());
  EXPECT_FALSE(installed.extracted);
  EXPECT_EQ(text_of(paths().ziphash()), h1_.str());
  EXPECT_FALSE(present(paths().dir()));
  expect_tidy();

  const auto later = open().install(module_, must_not_fetch, anything).value();
  EXPECT_TRUE(later.extracted);
  expect_whole();
}

TEST_F(InstallTest, NothingHasANameBeforeTheCheck) {
  int calls = 0;
  const CheckHash check = [&](const gomod::H1& h1) -> Result<void> {
    ++calls;
    EXPECT_EQ(h1, h1_);
    EXPECT_FALSE(present(paths().zip()));
    EXPECT_FALSE(present(paths().ziphash()));
    EXPECT_FALSE(present(paths().dir()));
    return {};
  };
  ASSERT_TRUE(open().install(module_, give(), check));
  EXPECT_EQ(calls, 1);
}

TEST_F(InstallTest, RefusedContentLeavesNothing) {
  EXPECT_EQ(message_of(open().install(module_, give(), nothing)), "unverified: refused " + h1_.str());
  expect_nothing();
  EXPECT_EQ(message_of(open().install(module_, give(), nothing, {.extract = false})),
            "unverified: refused " + h1_.str());
  expect_nothing();
}

TEST_F(InstallTest, BadZipLeavesNothing) {
  const std::string other = make_zip({"example.com/other", "v1.0.0"}, files_);
  std::string torn = zip_;
  torn.resize(torn.size() / 2);
  std::string flipped = zip_;
  flipped[70] = static_cast<char>(flipped[70] ^ 0x10);
  for (const std::string& bad : {std::string(), std::string("<html>"), other, torn, flipped}) {
    for (const bool extract : {true, false}) {
      const auto installed = open().install(module_, give(bad), anything, {.extract = extract});
      EXPECT_FALSE(installed) << bad.size();
      expect_nothing();
    }
  }
}

TEST_F(InstallTest, ZipThatBreaksARuleStays) {
  auto files = files_;
  files["M.go"] = "package m\n";
  const std::string bad = make_zip(module_, files);
  EXPECT_FALSE(open().install(module_, give(bad), nothing));
  expect_nothing();
  const std::string text = "invalid: unzip " + paths().zip().native() + ": ";
  for (const bool first : {true, false}) {
    int calls = 0;
    const CheckHash count = [&](const gomod::H1&) -> Result<void> { return ++calls, Result<void>(); };
    const auto installed = open().install(module_, first ? give(bad) : FetchZip(must_not_fetch), count);
    EXPECT_TRUE(message_of(installed).starts_with(text)) << message_of(installed);
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(text_of(paths().zip()), bad);
    EXPECT_TRUE(present(paths().ziphash()));
    EXPECT_FALSE(present(paths().dir()));
    expect_tidy();
  }
}

// As go leaves them: a tree of the right content will do, one of another content is nobody's to remove.
TEST_F(InstallTest, ZipThatBreaksARuleAndATreeThatIsThere) {
  auto files = files_;
  files["M.go"] = "package m\n";
  const std::string bad = make_zip(module_, files);
  for (const auto& [name, content] : files) {
    ASSERT_TRUE(sys::make_dirs((paths().dir() / name).parent_path()));
    ASSERT_TRUE(sys::write_file(paths().dir() / name, as_bytes(content)));
  }
  ASSERT_TRUE(sys::write_file(paths().dir() / "M.go", as_bytes("package other\n")));
  EXPECT_FALSE(open().install(module_, give(bad), anything));
  EXPECT_FALSE(present(paths().ziphash()));
  EXPECT_EQ(text_of(paths().dir() / "M.go"), "package other\n");

  ASSERT_TRUE(sys::write_file(paths().dir() / "M.go", as_bytes("package m\n")));
  const auto installed = open().install(module_, give(bad), anything);
  ASSERT_TRUE(installed) << installed.error().message();
  EXPECT_FALSE(installed->extracted);
  EXPECT_EQ(text_of(paths().dir() / "M.go"), "package m\n");
  EXPECT_EQ(open().dir_state(module_).value(), DirState::usable);
}

TEST_F(InstallTest, ZipThatBreaksARuleAndAnUnfinishedTree) {
  auto files = files_;
  files["M.go"] = "package m\n";
  const std::string bad = make_zip(module_, files);
  ASSERT_TRUE(sys::make_dirs(paths().dir()));
  ASSERT_TRUE(sys::make_dirs(paths().partial().parent_path()));
  ASSERT_TRUE(sys::write_file(paths().partial(), {}));
  EXPECT_FALSE(open().install(module_, give(bad), anything));
  EXPECT_TRUE(present(paths().zip()));
  EXPECT_FALSE(present(paths().dir()));
  EXPECT_FALSE(present(paths().partial()));
}

TEST_F(InstallTest, FailedFetchLeavesNothing) {
  const FetchZip half = [&](sys::AtomicFile& file) -> Result<void> {
    TRY(file.write(as_bytes("half")));
    return fail(Kind::unavailable, "cut off");
  };
  EXPECT_EQ(message_of(open().install(module_, half, anything)), "unavailable: cut off");
  expect_nothing();
}

TEST_F(InstallTest, FetchMayStartAnew) {
  const FetchZip twice = [&](sys::AtomicFile& file) -> Result<void> {
    TRY(file.write(as_bytes(std::string(100'000, 'x'))));
    TRY(file.rewind());
    return file.write(as_bytes(zip_));
  };
  ASSERT_TRUE(open().install(module_, twice, anything));
  expect_whole();
}

TEST_F(InstallTest, SecondTimeOnlyChecks) {
  install();
  const auto again = open().install(module_, must_not_fetch, anything).value();
  EXPECT_FALSE(again.fetched);
  EXPECT_FALSE(again.extracted);
  EXPECT_EQ(again.h1, h1_);
  EXPECT_EQ(message_of(open().install(module_, must_not_fetch, nothing)), "unverified: refused " + h1_.str());
  expect_whole();
}

// What is on the disk beforehand, and whether the zip has to be fetched and the tree made again.
struct Before {
  std::string name;
  void (*change)(const Paths&);
  bool fetched;
  bool extracted;
};

void tear_ziphash(const Paths& p) {
  put(p.ziphash(), std::string(47, '\0'));
}
void lose_ziphash(const Paths& p) {
  ASSERT_TRUE(sys::remove_file(p.ziphash()));
}
void lose_zip(const Paths& p) {
  ASSERT_TRUE(sys::remove_file(p.zip()));
}
void lose_dir(const Paths& p) {
  ASSERT_TRUE(sys::remove_tree(p.dir()));
}
void spoil_dir(const Paths& p) {
  ASSERT_EQ(::chmod(p.dir().c_str(), 0755), 0);
  put(p.dir() / "extra.go", "package extra\n");
}

const std::vector<Before> k_before = {
    {"zip lost", lose_zip, true, false},
    {"ziphash lost", lose_ziphash, false, false},
    {"ziphash torn", tear_ziphash, false, false},
    {"zip and ziphash lost", [](const Paths& p) { lose_zip(p), lose_ziphash(p); }, true, false},
    {"tree lost", lose_dir, false, true},
    {"tree and ziphash lost", [](const Paths& p) { lose_dir(p), lose_ziphash(p); }, false, true},
    {"only ziphash left", [](const Paths& p) { lose_dir(p), lose_zip(p); }, true, true},
    {"extraction unfinished", [](const Paths& p) { spoil_dir(p), put(p.partial(), ""); }, false, true},
    {"marker left alone", [](const Paths& p) { lose_dir(p), put(p.partial(), ""); }, false, true},
    {"wrong tree, ziphash lost", [](const Paths& p) { spoil_dir(p), lose_ziphash(p); }, false, true},
    {"wrong tree, ziphash torn", [](const Paths& p) { spoil_dir(p), tear_ziphash(p); }, false, true},
    {"file in the tree's place", [](const Paths& p) { lose_dir(p), put(p.dir(), "x"); }, false, true},
};

TEST_F(InstallTest, MendsWhatIsThere) {
  for (const Before& before : k_before) {
    SCOPED_TRACE(before.name);
    ASSERT_TRUE(sys::remove_tree(root()));
    install();
    before.change(paths());
    int fetches = 0;
    const FetchZip fetch = [&](sys::AtomicFile& file) {
      ++fetches;
      return file.write(as_bytes(zip_));
    };
    const auto installed = open().install(module_, fetch, anything);
    ASSERT_TRUE(installed) << message_of(installed);
    EXPECT_EQ(fetches, before.fetched ? 1 : 0);
    EXPECT_EQ(installed->fetched, before.fetched);
    EXPECT_EQ(installed->extracted, before.extracted);
    expect_whole();
  }
}

TEST_F(InstallTest, WrongTreeIsRemovedBeforeZiphashMakesItUsable) {
  install();
  spoil_dir(paths());
  lose_ziphash(paths());
  ASSERT_TRUE(open().install(module_, must_not_fetch, anything, {.extract = false}));
  EXPECT_EQ(text_of(paths().ziphash()), h1_.str());
  EXPECT_FALSE(present(paths().dir()));
  expect_tidy();
}

TEST_F(InstallTest, ZipThatIsNotItsZiphashIsNotExtracted) {
  install();
  lose_dir(paths());
  put(paths().zip(), make_zip(module_, {{"m.go", "package evil\n"}}));
  const auto installed = open().install(module_, must_not_fetch, anything);
  EXPECT_EQ(message_of(installed), "unverified: zip has been modified (" + paths().zip().native() + ")");
  EXPECT_FALSE(present(paths().dir()));
  expect_tidy();
}

TEST_F(InstallTest, FetchedZipOutranksAZiphashWithoutZip) {
  install();
  lose_zip(paths());
  put(paths().ziphash(), gomod::hash_go_mod("x").str());
  ASSERT_TRUE(open().install(module_, give(), anything));
  expect_whole();
}

TEST_F(InstallTest, SweepsLeftoversOfThisVersionOnly) {
  const Path versions = paths().versions_dir();
  const std::string dir = paths().dir().native();
  put(versions / "v1.2.3.zip123.tmp", "");
  put(versions / "v1.2.3.ziphash5.tmp", "");
  put(dir + ".tmp-42/old/file", "");
  ASSERT_EQ(::chmod((dir + ".tmp-42/old").c_str(), 0555), 0);
  const std::vector<Path> others = {versions / "v1.2.3.info9.tmp", versions / "v1.2.30.zip1.tmp",
                                    versions / "v1.2.3.zip.txt", Path(dir + "0.tmp-1/file"),
                                    Path(dir + ".tmpl/file")};
  for (const Path& other : others) put(other, "");
  install();
  EXPECT_FALSE(present(versions / "v1.2.3.zip123.tmp"));
  EXPECT_FALSE(present(versions / "v1.2.3.ziphash5.tmp"));
  EXPECT_FALSE(present(dir + ".tmp-42"));
  for (const Path& other : others) EXPECT_TRUE(present(other)) << other;
}

TEST_F(InstallTest, HoldsTheVersionLockMeanwhile) {
  const auto held = [&] { return !sys::FileLock::try_exclusive(paths().lock()).value(); };
  const FetchZip fetch = [&](sys::AtomicFile& file) {
    EXPECT_TRUE(held());
    return file.write(as_bytes(zip_));
  };
  const CheckHash check = [&](const gomod::H1&) -> Result<void> {
    EXPECT_TRUE(held());
    return {};
  };
  ASSERT_TRUE(open().install(module_, fetch, check));
  EXPECT_FALSE(held());
  EXPECT_EQ(text_of(paths().lock()), "");
}

TEST_F(InstallTest, WhatIsWholeNeedsNoLock) {
  install();
  const auto lock = sys::FileLock::exclusive(paths().lock()).value();
  EXPECT_TRUE(open().install(module_, must_not_fetch, anything));
}

TEST_F(InstallTest, StopEndsTheWaitForTheLock) {
  ASSERT_TRUE(sys::make_dirs(paths().versions_dir()));
  const auto lock = sys::FileLock::exclusive(paths().lock()).value();
  std::stop_source stop;
  std::string seen;
  std::thread waiter([&] {
    seen = message_of(open().install(module_, must_not_fetch, anything, {.stop = stop.get_token()}));
  });
  stop.request_stop();
  waiter.join();
  EXPECT_EQ(seen, "cancelled: waiting for " + paths().lock().native());
}

TEST_F(InstallTest, WaiterUsesWhatTheHolderMade) {
  ASSERT_TRUE(sys::make_dirs(paths().versions_dir()));
  for (const bool stoppable : {false, true}) {
    ASSERT_TRUE(sys::remove_tree(root()));
    std::stop_source stop;
    const InstallOptions options = {.stop = stoppable ? stop.get_token() : std::stop_token()};
    std::atomic<int> fetches = 0;
    const FetchZip fetch = [&](sys::AtomicFile& file) {
      ++fetches;
      return file.write(as_bytes(zip_));
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 6; ++i) {
      threads.emplace_back([&] {
        const auto installed = open().install(module_, fetch, anything, options);
        EXPECT_TRUE(installed) << message_of(installed);
      });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(fetches, 1);
    expect_whole();
  }
}

TEST_F(InstallTest, StopBetweenFilesLeavesNothing) {
  std::stop_source stop;
  const FetchZip fetch = [&](sys::AtomicFile& file) {
    stop.request_stop();
    return file.write(as_bytes(zip_));
  };
  const auto installed = open().install(module_, fetch, anything, {.stop = stop.get_token()});
  ASSERT_FALSE(installed);
  EXPECT_EQ(installed.error().kind(), Kind::cancelled);
  expect_nothing();
}

// `go clean -modcache` takes no lock.
TEST_F(InstallTest, CacheRemovedMeanwhileIsAnErrorOrNothing) {
  const FetchZip cleaned_before = [&](sys::AtomicFile& file) {
    EXPECT_TRUE(sys::remove_tree(root()));
    return file.write(as_bytes(zip_));
  };
  EXPECT_FALSE(open().install(module_, cleaned_before, anything));
  const CheckHash cleaned_after = [&](const gomod::H1&) { return sys::remove_tree(root()); };
  EXPECT_FALSE(open().install(module_, give(), cleaned_after));
  install();
  expect_whole();
}

// Two holders of "the" lock, since the file was removed in between: the later one accepts the earlier tree.
TEST_F(InstallTest, TreeThatAppearsUnderALostLockIsAccepted) {
  const CheckHash overtaken = [&](const gomod::H1&) -> Result<void> {
    EXPECT_TRUE(sys::remove_file(paths().lock()));
    const auto other = open().install(module_, give(), anything);
    EXPECT_TRUE(other.has_value());
    return {};
  };
  const auto installed = open().install(module_, give(), overtaken);
  // The other's sweep may have taken our unfinished tree; then this one has failed, and no harm is done.
  EXPECT_TRUE(installed || installed.error().kind() == Kind::not_found) << message_of(installed);
  EXPECT_EQ(open().dir_state(module_).value(), DirState::usable);
  EXPECT_TRUE(open().verify(module_).empty());
}

// Killed between the .mod and its line in `list`.
TEST_F(InstallTest, MendsTheList) {
  put(paths().mod(), "module example.com/Up/m\n");
  install();
  EXPECT_EQ(text_of(paths().versions_dir() / "list"), "v1.2.3\n");
}

TEST_F(InstallTest, ExtractNeedsAZip) {
  EXPECT_EQ(message_of(open().extract(module_, anything)), "not_found: no zip in the module cache");
  put(paths().zip(), zip_);
  ASSERT_TRUE(open().extract(module_, anything));
  expect_whole();
}

class ContentTest : public InstallTest {
 protected:
  Content content(std::string_view zip) const {
    return {.info = info_, .mod = mod_, .h1 = h1_, .zip = as_bytes(zip)};
  }
  Content content() const { return content(zip_); }
  const std::string info_ = R"({"Version":"v1.2.3","Time":"2024-05-06T07:08:09Z"})";
  const std::string mod_ = "module example.com/Up/m\n";
};

TEST_F(ContentTest, Fresh) {
  const auto installed = open().install_content(module_, content()).value();
  EXPECT_TRUE(installed.fetched && installed.extracted);
  expect_whole();
  EXPECT_EQ(text_of(paths().info()), info_);
  EXPECT_EQ(text_of(paths().mod()), mod_);
  EXPECT_EQ(text_of(paths().versions_dir() / "list"), "v1.2.3\n");
}

TEST_F(ContentTest, FromAFile) {
  const Path file = root().parent_path() / "source.zip";
  put(file, zip_);
  const auto fd = sys::open_read(file).value();
  Content from_file = content();
  from_file.zip_fd = fd.get();
  ASSERT_TRUE(open().install_content(module_, from_file));
  expect_whole();
}

TEST_F(ContentTest, DamagedSourceLeavesNothing) {
  const std::string evil = make_zip(module_, {{"m.go", "package evil\n"}});
  const auto installed = open().install_content(module_, content(evil));
  EXPECT_EQ(message_of(installed), "unverified: the zip has " +
                                       modzip::hash_zip(module_, as_bytes(evil))->str() + ", expected " +
                                       h1_.str());
  expect_nothing();
  EXPECT_FALSE(present(paths().mod()));
  EXPECT_FALSE(present(paths().info()));
}

TEST_F(ContentTest, CacheWithOtherContentIsNamed) {
  const std::string other = make_zip(module_, {{"m.go", "package other\n"}});
  ASSERT_TRUE(open().install(module_, give(other), anything));
  const auto installed = open().install_content(module_, content());
  EXPECT_EQ(message_of(installed), "unverified: the module cache has " +
                                       modzip::hash_zip(module_, as_bytes(other))->str() + ", expected " +
                                       h1_.str());
}

TEST_F(ContentTest, SecondTimeWritesNothing) {
  ASSERT_TRUE(open().install_content(module_, content()));
  const auto before =
      std::pair(sys::stat(paths().mod()).value()->inode, sys::stat(paths().info()).value()->inode);
  const auto again = open().install_content(module_, content()).value();
  EXPECT_FALSE(again.fetched || again.extracted);
  EXPECT_EQ(before,
            std::pair(sys::stat(paths().mod()).value()->inode, sys::stat(paths().info()).value()->inode));
}

TEST_F(ContentTest, ValidInfoStaysWrongModDoesNot) {
  const std::string with_origin =
      R"({"Version":"v1.2.3","Time":"2024-05-06T07:08:09Z","Origin":{"VCS":"git"}})";
  put(paths().info(), with_origin);
  put(paths().mod(), "module evil\n");
  ASSERT_TRUE(open().install_content(module_, content()));
  EXPECT_EQ(text_of(paths().info()), with_origin);
  EXPECT_EQ(text_of(paths().mod()), mod_);

  put(paths().info(), std::string(80, '\0'));
  ASSERT_TRUE(open().install_content(module_, content()));
  EXPECT_EQ(text_of(paths().info()), info_);
}

}  // namespace
}  // namespace larder::modcache
