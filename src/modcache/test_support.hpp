// SPDX-License-Identifier: Apache-2.0
// For the tests of this folder: small module zips, a cache in a temp folder, looks at the disk.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "modcache/cache.hpp"
#include "modzip/hash.hpp"
#include "modzip/write.hpp"

namespace larder::modcache {

// Name below the module's prefix -> content.
using ZipFiles = std::map<std::string, std::string>;

inline std::string make_zip(const gomod::Module& module, const ZipFiles& files) {
  std::vector<modzip::SourceFile> sources;
  for (const auto& [name, content] : files) {
    sources.push_back({.name = module.str() + "/" + name,
                       .read = [&content](modzip::Scratch&) -> Result<Bytes> { return as_bytes(content); }});
  }
  std::string zip;
  const auto sink = [&](Bytes bytes) -> Result<void> {
    zip += as_text(bytes);
    return {};
  };
  const auto written = modzip::write_zip(sink, sources);
  EXPECT_TRUE(written.has_value());
  return zip;
}

inline std::string text_of(const Path& file) {
  auto content = sys::read_file(file);
  return content ? *std::move(content) : "error: " + content.error().message();
}

// A new file each time: ext4 writes a file that was emptied out at once, which takes long on a busy disk.
inline void put(const Path& file, std::string_view content) {
  ASSERT_TRUE(sys::make_dirs(file.parent_path()));
  ASSERT_TRUE(sys::remove_file(file));
  ASSERT_TRUE(sys::write_file(file, as_bytes(content)));
}

// Permission bits, or 0 where nothing is.
inline unsigned mode_of(const Path& path) {
  struct stat info{};
  return ::lstat(path.c_str(), &info) == 0 ? info.st_mode & 07777U : 0U;
}

inline bool present(const Path& path) {
  struct stat info{};
  return ::lstat(path.c_str(), &info) == 0;
}

// Everything below `root`, relative, sorted.
inline std::vector<std::string> everything(const Path& root) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    names.push_back(entry.path().lexically_relative(root).native());
  }
  std::sort(names.begin(), names.end());
  return names;
}

inline std::string message_of(const Error& error) {
  return std::string(kind_name(error.kind())) + ": " + error.message();
}
template <class T>
std::string message_of(const Result<T>& result) {
  return result ? "no error" : message_of(result.error());
}

class CacheTest : public ::testing::Test {
 protected:
  CacheTest() : old_mask_(::umask(022)) {}
  ~CacheTest() override { ::umask(old_mask_); }

  Cache open(Options options = {}) const { return Cache::open(root(), options).value(); }
  Path root() const { return temp_.path() / "mod"; }
  Paths paths() const { return Paths::of(root(), module_).value(); }

  const gomod::Module module_{"example.com/Up/m", "v1.2.3"};
  const ZipFiles files_ = {{"go.mod", "module example.com/Up/m\n"},
                           {"m.go", "package m\n"},
                           {"sub/deep/d.go", "package deep\n"},
                           {"sub/s.go", "package sub\n"}};
  const std::string zip_ = make_zip(module_, files_);
  const gomod::H1 h1_ = modzip::hash_zip(module_, as_bytes(zip_)).value();

 private:
  mode_t old_mask_;
  sys::TempDir temp_ = sys::TempDir::create().value();
};

}  // namespace larder::modcache
