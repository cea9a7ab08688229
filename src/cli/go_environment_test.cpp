// SPDX-License-Identifier: Apache-2.0
#include "cli/go_environment.hpp"

#include <gtest/gtest.h>

namespace larder::cli {
namespace {

class GoEnvironmentTest : public ::testing::Test {
 protected:
  sys::TempDir temp_ = sys::TempDir::create().value();
  sys::Environment environment_ = {{"HOME", temp_.path()}, {"GOROOT", temp_.path() / "goroot"}, {"PATH", ""}};

  void SetUp() override {
    write("goroot/VERSION", "go1.99.3\ntime 2030-01-01T00:00:00Z\n");
    write("goroot/go.env", "GOPROXY=https://default.example.test\nGOSUMDB=sum.example.test\n");
  }
  void write(const std::string& name, std::string_view text) {
    const auto path = temp_.path() / name;
    ASSERT_TRUE(sys::make_dirs(path.parent_path()));
    ASSERT_TRUE(sys::write_file(path, as_bytes(text)));
  }
  GoEnvironment load() { return GoEnvironment::load(environment_).value(); }
  // The only setting that is refused has to be this one: what go says of it.
  std::string refusal(std::string_view name) {
    const auto environment = load();
    const auto& refused = environment.refused();
    return refused.size() == 1 && refused[0].name == name ? refused[0].error.message() : "";
  }
};

TEST_F(GoEnvironmentTest, the_order_is_environment_then_user_file_then_goroot) {
  EXPECT_EQ(load().get("GOPROXY"), "https://default.example.test");
  write(".config/go/env", "GOPROXY=https://user.example.test\nGOPRIVATE=\n");
  EXPECT_EQ(load().get("GOPROXY"), "https://user.example.test");
  environment_["GOPROXY"] = "https://env.example.test";
  EXPECT_EQ(load().get("GOPROXY"), "https://env.example.test");
  environment_["GOPROXY"] = "";  // empty does not override
  EXPECT_EQ(load().get("GOPROXY"), "https://user.example.test");
  environment_["GOENV"] = "off";
  EXPECT_EQ(load().get("GOPROXY"), "https://default.example.test");
}

TEST_F(GoEnvironmentTest, there_is_no_upstream_of_our_own) {
  environment_["GOROOT"] = temp_.path() / "nowhere";
  EXPECT_EQ(load().get("GOPROXY"), "");
  EXPECT_EQ(load().get("GOSUMDB"), "");
}

TEST_F(GoEnvironmentTest, go_version_comes_from_goroot_unless_named) {
  EXPECT_EQ(load().go_version(), "1.99.3");
  environment_["LARDER_GOVERSION"] = "go1.21.1";
  EXPECT_EQ(load().go_version(), "1.21.1");
}

TEST_F(GoEnvironmentTest, module_cache_is_below_the_first_gopath) {
  EXPECT_EQ(load().get("GOMODCACHE"), temp_.path() / "go/pkg/mod");
  environment_["GOPATH"] = "/one:/two";
  EXPECT_EQ(load().get("GOMODCACHE"), "/one/pkg/mod");
  EXPECT_TRUE(load().refused().empty());
  environment_["GOMODCACHE"] = "relative";
  EXPECT_EQ(refusal("GOMODCACHE"), "GOMODCACHE entry is relative; must be absolute path: \"relative\".");
}

TEST_F(GoEnvironmentTest, goflags_are_checked_and_looked_up) {
  environment_["GOFLAGS"] = "-modcacherw -mod=mod";
  EXPECT_TRUE(load().goflags_has("modcacherw"));
  EXPECT_EQ(load().goflags_value("mod"), "mod");
  environment_["GOFLAGS"] = "modcacherw";
  EXPECT_EQ(refusal("GOFLAGS"), "parsing $GOFLAGS: non-flag \"modcacherw\"");
}

}  // namespace
}  // namespace larder::cli
