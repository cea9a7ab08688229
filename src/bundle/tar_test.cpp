// SPDX-License-Identifier: Apache-2.0
#include "bundle/tar.hpp"

#include <functional>

#include <gtest/gtest.h>

#include "bundle/bundle_testing.hpp"
#include "sys/process.hpp"

namespace larder::bundle {
namespace {

struct NamedText {
  std::string name;
  std::string text;
};

std::string make_tar(const std::vector<NamedText>& files) {
  std::string out;
  for (const NamedText& f : files) {
    out += as_text(Bytes(make_tar_header(f.name, f.text.size(), 1'700'000'000)));
    out += f.text + std::string(tar_padding(f.text.size()), '\0');
  }
  return out + std::string(2 * k_tar_block, '\0');
}

Result<std::vector<TarMember>> scan(std::string_view bytes, std::uint64_t max_members = 100) {
  const sys::TempDir folder = must(sys::TempDir::create());
  must(sys::write_file(folder.path() / "t", as_bytes(bytes)));
  const sys::Fd fd = must(sys::open_read(folder.path() / "t"));
  return scan_tar(fd.get(), bytes.size(), max_members);
}

// Sets a byte of the first header and mends its checksum.
std::string with_header(std::string tar, std::size_t at, std::string_view value) {
  tar.replace(at, value.size(), value);
  tar.replace(148, 8, "        ");
  unsigned sum = 0;
  for (std::size_t i = 0; i < k_tar_block; ++i) sum += static_cast<unsigned char>(tar[i]);
  std::string digits(6, '0');
  for (std::size_t i = 6; i-- > 0; sum >>= 3U) digits[i] = static_cast<char>('0' + (sum & 7U));
  tar.replace(148, 8, digits + std::string("\0 ", 2));
  return tar;
}

TEST(Tar, ScanFindsWhatWasWritten) {
  const auto members =
      must(scan(make_tar({{"a", ""}, {"b.txt", std::string(512, 'x')}, {"c-1_2.Z", "hello"}})));
  ASSERT_EQ(members.size(), 3U);
  EXPECT_EQ(members[0].size, 0U);
  EXPECT_EQ(members[1].offset, 1024U);
  EXPECT_EQ(members[2].name, "c-1_2.Z");
  EXPECT_EQ(members[2].offset, 2048U);
  EXPECT_EQ(members[2].size, 5U);
}

TEST(Tar, RefusesEverythingUnusual) {
  const std::string good = make_tar({{"a.txt", "hello"}});
  ASSERT_TRUE(scan(good));
  const std::vector<std::pair<const char*, std::string>> cases{
      {"empty", ""},
      {"no end", good.substr(0, good.size() - 2 * k_tar_block)},
      {"one end block", good.substr(0, good.size() - k_tar_block)},
      {"cut in the content", good.substr(0, 600)},
      {"half a header", good.substr(0, 300)},
      {"bytes after the end", good + "x"},
      {"checksum", std::string(good).replace(0, 1, "b")},
      {"not a tar", std::string(2048, 'x')},
      {"padding", std::string(good).replace(1023, 1, "x")},
      {"two of a name", make_tar({{"a", ""}, {"a", ""}})},
      {"folder", with_header(good, 156, "5")},
      {"symbolic link", with_header(good, 156, "2")},
      {"extended header", with_header(good, 156, "x")},
      {"link name", with_header(good, 157, "x")},
      {"prefix", with_header(good, 345, "x")},
      {"old magic", with_header(good, 257, std::string(8, '\0'))},
      {"slash", with_header(good, 0, "a/b.t")},
      {"dots", with_header(good, 0, "..txt")},
      {"empty name", with_header(good, 0, std::string(5, '\0'))},
      {"bytes behind the name", with_header(good, 6, "x")},
      {"size not octal", with_header(good, 124, "00000000008")},
      {"binary size", with_header(good, 124, "\x80")},
      {"size beyond the file", with_header(good, 124, "00000010000")},
      {"huge size", with_header(good, 124, "777777777777")},
  };
  for (const auto& [name, bytes] : cases) {
    const auto members = scan(bytes);
    ASSERT_FALSE(members) << name;
    EXPECT_EQ(members.error().kind(), Kind::unverified) << name;
  }
  EXPECT_FALSE(scan(make_tar({{"a", ""}, {"b", ""}, {"c", ""}}), 2));
}

TEST(Tar, GnuTarReadsOursAndWeReadItsOwn) {
  if (!sys::find_program("tar", sys::current_environment())) GTEST_SKIP() << "no tar";
  const sys::TempDir folder = must(sys::TempDir::create());
  const std::string at = folder.path().string();
  must(sys::write_file(folder.path() / "ours.tar",
                       as_bytes(make_tar({{"a.txt", "hello"}, {"b", std::string(700, 'b')}}))));
  const auto listed =
      must(sys::run_captured({.argv = {"tar", "tf", at + "/ours.tar"}, .environment = {}, .directory = {}}));
  EXPECT_EQ(listed.exit_code, 0) << listed.err;
  EXPECT_EQ(listed.out, "a.txt\nb\n");
  for (const char* format : {"--format=gnu", "--format=ustar"}) {
    must(sys::run_captured(
        {.argv = {"tar", "xf", at + "/ours.tar", "-C", at}, .environment = {}, .directory = {}}));
    const auto made =
        must(sys::run_captured({.argv = {"tar", "cf", at + "/its.tar", format, "-C", at, "a.txt", "b"},
                                .environment = {},
                                .directory = {}}));
    ASSERT_EQ(made.exit_code, 0) << made.err;
    const auto members = must(scan(must(sys::read_file(folder.path() / "its.tar"))));
    ASSERT_EQ(members.size(), 2U) << format;
    EXPECT_EQ(members[1].size, 700U);
  }
}

TEST(Tar, MemberNames) {
  for (const char* name : {"a", "README.txt", "vol-0001.zst", "A_b"})
    EXPECT_TRUE(valid_member_name(name)) << name;
  for (const char* name : {"", ".", "..", ".a", "-a", "a/b", "a b", "a\\b", "ä"}) {
    EXPECT_FALSE(valid_member_name(name)) << name;
  }
  EXPECT_TRUE(valid_member_name(std::string(99, 'a')));
  EXPECT_FALSE(valid_member_name(std::string(100, 'a')));
}

}  // namespace
}  // namespace larder::bundle
