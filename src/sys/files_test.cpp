// SPDX-License-Identifier: Apache-2.0
#include "sys/files.hpp"

#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "sys/secret_file.hpp"

namespace larder::sys {
namespace {

class Files : public ::testing::Test {
 protected:
  TempDir temp_ = TempDir::create().value();
  Path at(std::string_view name) const { return temp_.path() / name; }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    const auto entries = list_dir(temp_.path()).value();
    for (const auto& entry : entries) out.push_back(entry.name);
    return out;
  }
};

TEST_F(Files, read_bounds_and_absence) {
  ASSERT_TRUE(write_file(at("a"), as_bytes("12345")));
  EXPECT_EQ(read_file(at("a")).value(), "12345");
  EXPECT_EQ(read_file(at("a"), 5).value(), "12345");
  EXPECT_EQ(read_file(at("a"), 4).error().kind(), Kind::invalid);
  EXPECT_EQ(read_file(at("b")).error().message(), "open " + at("b").native() + ": no such file or directory");
  EXPECT_FALSE(read_file_if_exists(at("b")).value());
  EXPECT_EQ(read_file(temp_.path()).error().kind(), Kind::io);
}

TEST_F(Files, atomic_file_committed_and_not_committed) {
  ASSERT_TRUE(write_file_atomic(at("a"), as_bytes("old")));
  {
    auto file = AtomicFile::create(at("a")).value();
    ASSERT_TRUE(file.write(as_bytes("lost")));
  }
  EXPECT_EQ(read_file(at("a")).value(), "old");
  auto file = AtomicFile::create(at("a"), {.mode = 0640, .durability = Durability::fsync}).value();
  ASSERT_TRUE(file.write(as_bytes("first")));
  ASSERT_TRUE(file.rewind());
  ASSERT_TRUE(file.write(as_bytes("new")));
  ASSERT_TRUE(file.commit());
  EXPECT_EQ(read_file(at("a")).value(), "new");
  EXPECT_EQ(names(), std::vector<std::string>{"a"});
}

TEST_F(Files, temp_files_look_like_those_of_go) {
  auto file = AtomicFile::create(at("v1.0.0.zip")).value();
  const std::string name = file.temp_path().filename();
  EXPECT_EQ(name.substr(0, 10), "v1.0.0.zip");
  EXPECT_EQ(name.substr(name.size() - 4), ".tmp");
  EXPECT_EQ(name.substr(10, name.size() - 14).find_first_not_of("0123456789"), std::string::npos);
}

TEST_F(Files, remove_tree_goes_through_read_only_folders_and_not_through_links) {
  ASSERT_TRUE(make_dirs(at("keep")));
  ASSERT_TRUE(write_file(at("keep/file"), as_bytes("x")));
  ASSERT_TRUE(make_dirs(at("tree/a/b")));
  ASSERT_TRUE(write_file(at("tree/a/b/c"), as_bytes("x"), 0444));
  std::filesystem::create_symlink(at("keep"), at("tree/link"));
  ::chmod(at("tree/a/b").c_str(), 0555);
  ::chmod(at("tree/a").c_str(), 0555);
  ASSERT_TRUE(remove_tree(at("tree")));
  EXPECT_EQ(names(), std::vector<std::string>{"keep"});
  EXPECT_TRUE(is_file(at("keep/file")));
  EXPECT_TRUE(remove_tree(at("tree")));
}

TEST_F(Files, make_dirs_is_idempotent_and_names_a_file_in_the_way) {
  EXPECT_TRUE(make_dirs(at("a/b/c")));
  EXPECT_TRUE(make_dirs(at("a/b/c")));
  ASSERT_TRUE(write_file(at("f"), as_bytes("")));
  EXPECT_EQ(make_dirs(at("f")).error().message(), "mkdir " + at("f").native() + ": not a directory");
}

TEST_F(Files, secrets_are_new_and_their_owners) {
  ASSERT_TRUE(write_secret_file(at("key"), "secret\n"));
  EXPECT_EQ(read_file(at("key")).value(), "secret\n");
  struct stat st{};
  ASSERT_EQ(::stat(at("key").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777U, 0600U);
  EXPECT_EQ(write_secret_file(at("key"), "other").error().message(),
            at("key").native() + " exists; a secret key is never replaced");
  EXPECT_EQ(read_file(at("key")).value(), "secret\n");
}

TEST_F(Files, mapping_of_empty_and_full_files) {
  ASSERT_TRUE(write_file(at("e"), as_bytes("")));
  ASSERT_TRUE(write_file(at("f"), as_bytes("abc")));
  EXPECT_EQ(Mapping::open(at("e")).value().bytes().size(), 0U);
  EXPECT_EQ(as_text(Mapping::open(at("f")).value().bytes()), "abc");
  EXPECT_EQ(Mapping::open(temp_.path()).error().kind(), Kind::invalid);
}

// Pages of this process that are in memory, by the kernel's count (mincore tells of the file's, which stay).
std::uint64_t resident_file_pages() {
  const auto text = read_file("/proc/self/statm").value();
  std::istringstream fields(text);
  std::uint64_t size = 0, resident = 0, shared = 0;
  fields >> size >> resident >> shared;
  return shared;
}

TEST_F(Files, a_mapping_that_is_let_go_is_no_memory_and_can_be_read_again) {
  const std::string text(std::size_t{4} << 20U, 'x');
  ASSERT_TRUE(write_file(at("big"), as_bytes(text)));
  const auto mapping = Mapping::open(at("big")).value();
  EXPECT_EQ(as_text(mapping.bytes()), text);
  const auto before = resident_file_pages();
  mapping.let_go();
  EXPECT_LE(resident_file_pages() + 1000, before);
  EXPECT_EQ(as_text(mapping.bytes()), text);
}

}  // namespace
}  // namespace larder::sys
