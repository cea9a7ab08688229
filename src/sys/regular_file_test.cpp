// SPDX-License-Identifier: Apache-2.0
#include "sys/regular_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace larder::sys {
namespace {

class RegularFile : public testing::Test {
 protected:
  // As an error, "PATH" in place of its path.
  std::string said(const Path& path, std::uint64_t limit = 100) const {
    const auto got = read_regular(path, limit);
    if (got) return *got;
    std::string out = got.error().message();
    const auto at = out.find(path.native());
    return at == std::string::npos ? out : out.replace(at, path.native().size(), "PATH");
  }
  const TempDir dir_ = TempDir::create("larder-regular-").value();
};

TEST_F(RegularFile, is_read_up_to_its_limit) {
  const auto path = dir_.path() / "f";
  ASSERT_TRUE(write_file(path, as_bytes("twelve bytes")));
  EXPECT_EQ(said(path, 12), "twelve bytes");
  EXPECT_EQ(said(path, 11), "PATH: larger than 11 bytes");
  const std::string large(100'000, 'x');
  ASSERT_TRUE(write_file(path, as_bytes(large)));
  EXPECT_EQ(said(path, large.size()), large);
  std::filesystem::create_symlink(path, dir_.path() / "link");
  EXPECT_EQ(said(dir_.path() / "link", large.size()), large);
}

TEST_F(RegularFile, nothing_else_is_waited_for) {
  const auto pipe = dir_.path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(said(pipe), "PATH: a pipe, not a regular file");
  std::filesystem::create_symlink(pipe, dir_.path() / "link");
  EXPECT_EQ(said(dir_.path() / "link"), "PATH: a pipe, not a regular file");
  EXPECT_EQ(said("/dev/zero"), "PATH: a device, not a regular file");
  EXPECT_EQ(said(dir_.path()), "PATH: a folder, not a regular file");
  EXPECT_EQ(said(dir_.path() / "none"), "open PATH: no such file or directory");
}

}  // namespace
}  // namespace larder::sys
