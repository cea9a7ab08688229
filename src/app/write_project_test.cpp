// SPDX-License-Identifier: Apache-2.0
#include "app/write_project.hpp"

#include <csignal>

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace larder::app {
namespace {

class WriteProject : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(sys::write_file(file_, as_bytes("old\n"))); }
  std::string now() const { return sys::read_file(file_).value(); }
  sys::TempDir dir_ = sys::TempDir::create().value();
  sys::Path file_ = dir_.path() / "go.mod";
};

TEST_F(WriteProject, longer_shorter_and_equal) {
  for (const auto* next : {"longer than old\n", "x", "", "x"}) {
    const auto before = now();
    ASSERT_TRUE(rewrite_shared(file_, before, next));
    EXPECT_EQ(now(), next);
  }
}

TEST_F(WriteProject, a_file_that_changed_stays) {
  const auto done = rewrite_shared(file_, "other\n", "new\n", "changed");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message(), "changed");
  EXPECT_EQ(now(), "old\n");
  EXPECT_TRUE(rewrite_shared(file_, "other\n", "old\n"));  // somebody else wrote the same
}

TEST_F(WriteProject, no_space_for_more_leaves_the_old) {
  rlimit old_limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old_limit), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{8, old_limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto done = rewrite_shared(file_, "old\n", std::string(100, 'x'));
  ::setrlimit(RLIMIT_FSIZE, &old_limit);
  std::signal(SIGXFSZ, old_handler);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind(), Kind::io);
  EXPECT_EQ(now(), "old\n");
}

TEST_F(WriteProject, new_files_and_the_side_lock) {
  ASSERT_TRUE(write_shared(dir_.path() / "go.work", "go 1.20\n"));
  EXPECT_EQ(read_shared(dir_.path() / "go.work").value(), "go 1.20\n");
  EXPECT_FALSE(read_shared(dir_.path() / "none"));
  EXPECT_TRUE(side_lock(dir_.path() / "modcache").has_value());
  EXPECT_TRUE(sys::is_file(dir_.path() / "modcache/cache/lock"));
  EXPECT_FALSE(side_lock(file_).has_value());
}

}  // namespace
}  // namespace larder::app
