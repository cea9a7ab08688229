// SPDX-License-Identifier: Apache-2.0
#include "creds/goauth.hpp"

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "sys/files.hpp"

namespace larder::creds {
namespace {

const std::string k_url = "https://a.test/m/@v/list";
const http::Refusal k_refusal{"401 Unauthorized", {{"www-authenticate", "Basic"}, {"x", "1"}, {"x", "2"}}};

class GoAuthTest : public testing::Test {
 protected:
  GoAuthTest() {
    std::string name = testing::TempDir() + "goauth-XXXXXX";
    dir_ = ::mkdtemp(name.data());
    options_.environment = sys::current_environment();
    options_.environment["HOME"] = dir_.native();
    options_.environment["GIT_CONFIG_NOSYSTEM"] = "1";
    options_.environment["GIT_TERMINAL_PROMPT"] = "0";
    options_.trace = [this](const std::string& line) { lines_ += line + "\n"; };
  }
  ~GoAuthTest() override { std::filesystem::remove_all(dir_); }

  // A shell script below dir_, as one word of a GOAUTH command.
  std::string script(const std::string& name, const std::string& text) const {
    const auto path = dir_ / name;
    EXPECT_TRUE(sys::write_file(path, as_bytes("#!/bin/sh\ncd " + dir_.native() + "\n" + text)));
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path.native();
  }
  std::string file(const std::string& name) const {
    return sys::read_file_if_exists(dir_ / name, 1U << 20U).value().value_or("");
  }
  static std::string value_of(const http::Headers& headers) {
    return headers.empty() ? "" : headers[0].second;
  }
  std::string first(GoAuth& auth, const std::string& url = k_url) {
    const auto got = auth.headers_for(url, {});
    return got ? value_of(*got) : "error: " + got.error().message();
  }
  std::string again(GoAuth& auth, const http::Headers& sent = {}) {
    const auto got = auth.after_refusal(k_url, sent, k_refusal, {});
    if (!got) return "error: " + got.error().message();
    return *got ? value_of(**got) : "nothing";
  }

  sys::Path dir_;
  GoAuthOptions options_;
  std::string lines_;
};

constexpr auto k_basic = "Basic bWU6c2VjcmV0";  // me:secret
constexpr auto k_netrc =
    "machine a.test login me password secret\nmachine a.test login other password x\nmachine b.test:8443 "
    "login b password b\n";

TEST_F(GoAuthTest, netrc_is_the_default) {
  options_.netrc = dir_ / "netrc";
  ASSERT_TRUE(sys::write_file(options_.netrc, as_bytes(k_netrc)));
  for (const auto* setting : {"", "netrc", " netrc ; netrc"}) {
    options_.goauth = setting;
    GoAuth auth(options_);
    EXPECT_EQ(first(auth), k_basic);
    EXPECT_EQ(first(auth, "https://b.test:8443/"), "Basic Yjpi");
    EXPECT_EQ(first(auth, "https://b.test/"), "");
    EXPECT_EQ(again(auth, {{"Authorization", k_basic}}), "nothing");
  }
  options_.goauth = "off";
  GoAuth off(options_);
  EXPECT_EQ(first(off), "");
  EXPECT_EQ(again(off), "nothing");
  options_.goauth = "";
  options_.netrc = dir_ / "missing";
  GoAuth missing(options_);
  EXPECT_EQ(first(missing), "");
  EXPECT_EQ(lines_, "");
}

TEST_F(GoAuthTest, settings_that_make_no_sense) {
  ASSERT_TRUE(sys::write_file(dir_ / "file", {}));
  const std::string git = "GOAUTH=git dir method requires an absolute path to the git working directory";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"off; netrc", "GOAUTH=off cannot be combined with other authentication commands (GOAUTH=off; netrc)"},
      {"netrc;;true", "GOAUTH encountered an empty command (GOAUTH=netrc;;true)"},
      {" ", "GOAUTH encountered an empty command (GOAUTH= )"},
      {"git", git},
      {"git /a /b", git},
      {"git here", git + ", dir is not absolute"},
      {"git " + (dir_ / "none").native(), "GOAUTH=git encountered an error; cannot stat " +
                                              (dir_ / "none").native() + ": stat " +
                                              (dir_ / "none").native() + ": no such file or directory"},
      {"git " + (dir_ / "file").native(), git + ", dir is not a directory"},
  };
  for (const auto& [setting, want] : cases) {
    options_.goauth = setting;
    GoAuth auth(options_);
    EXPECT_EQ(first(auth), "error: " + want) << setting;
    EXPECT_EQ(first(auth), "error: " + want) << setting;  // not once only
  }
}

TEST_F(GoAuthTest, a_command_speaks_first_and_after_a_refusal) {
  options_.goauth = script("helper", R"(echo "$#: $*" >>calls; cat >>input
case "$2" in
  "") printf 'https://a.test\n\nAuthorization: old\n\n' ;;
  *) printf 'https://a.test\n\nAuthorization: new\n\n' ;;
esac
)") + " 'two words'";
  GoAuth auth(options_);
  EXPECT_EQ(file("calls"), "");
  EXPECT_EQ(first(auth), "old");
  EXPECT_EQ(first(auth), "old");
  EXPECT_EQ(file("calls"), "1: two words\n");
  EXPECT_EQ(again(auth, {{"Authorization", "old"}}), "new");
  EXPECT_EQ(file("calls"), "1: two words\n2: two words " + k_url + "\n");
  EXPECT_EQ(file("input"), "HTTP/1.1 401 Unauthorized\nWww-Authenticate: Basic\nX: 1, 2\n\n");
  // Another request that was refused with the old one learns what this one did.
  EXPECT_EQ(again(auth, {{"Authorization", "old"}}), "new");
  EXPECT_EQ(file("calls"), "1: two words\n2: two words " + k_url + "\n");
  EXPECT_EQ(again(auth, {{"Authorization", "new"}}), "nothing");
  EXPECT_EQ(lines_, "");
}

TEST_F(GoAuthTest, of_two_commands_the_first_wins) {
  const auto one = script("one", "printf 'https://a.test\\n\\nAuthorization: one\\n\\n'\n");
  const auto two = script("two", "printf 'https://a.test\\nhttps://c.test\\n\\nAuthorization: two\\n\\n'\n");
  options_.goauth = one + ";" + two;
  GoAuth auth(options_);
  EXPECT_EQ(first(auth), "one");
  EXPECT_EQ(first(auth, "https://c.test/x"), "two");
}

TEST_F(GoAuthTest, what_fails_is_told_where_nobody_knew_better) {
  const auto bad = script("bad", "echo 'no token' >&2; exit 3\n");
  options_.goauth = bad + "; no-such-program; '" + bad;
  GoAuth auth(options_);
  EXPECT_EQ(first(auth), "");
  EXPECT_EQ(lines_, "");
  EXPECT_EQ(again(auth), "nothing");
  EXPECT_EQ(
      lines_,
      "go: GOAUTH encountered errors for " + k_url + ":\n" +  //
          "go:   GOAUTH='" + bad + ": cannot parse GOAUTH command '" + bad + ": unterminated ' string\n" +
          "go:   GOAUTH=no-such-program: could not run command no-such-program: exec: \"no-such-program\": "
          "executable file not found in $PATH\n" +
          "go:   GOAUTH=" + bad + ": could not run command " + bad + ": exit status 3\nno token\n");
}

TEST_F(GoAuthTest, commands_are_bounded_in_time_and_output) {
  options_.time_limit = std::chrono::milliseconds(200);
  options_.goauth = script("slow", "exec sleep 1000\n");
  GoAuth slow(options_);
  EXPECT_EQ(again(slow), "nothing");
  EXPECT_NE(lines_.find("timed out after"), std::string::npos) << lines_;
  options_.time_limit = std::chrono::seconds(60);
  options_.goauth = script("much", "exec head -c 30000000 /dev/zero\n");
  GoAuth much(options_);
  EXPECT_EQ(again(much), "nothing");
  EXPECT_NE(lines_.find("wrote more than 1048576 bytes"), std::string::npos) << lines_;
}

TEST_F(GoAuthTest, a_stop_ends_the_command) {
  options_.goauth = script("slow", "exec sleep 1000\n");
  GoAuth auth(options_);
  std::stop_source stop;
  stop.request_stop();
  const auto got = auth.headers_for(k_url, stop.get_token());
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind(), Kind::cancelled);
}

TEST_F(GoAuthTest, a_program_beside_the_user_is_not_started) {
  script("helper", "touch started\n");
  options_.environment["PATH"] = ".:" + options_.environment["PATH"];
  options_.goauth = "helper";
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(dir_);
  GoAuth auth(options_);
  EXPECT_EQ(again(auth), "nothing");
  std::filesystem::current_path(before);
  EXPECT_FALSE(sys::is_file(dir_ / "started"));
  EXPECT_NE(lines_.find("relative to current directory"), std::string::npos) << lines_;
}

TEST_F(GoAuthTest, git_fills_and_is_told_what_came_of_it) {
  const auto run = [&](std::vector<std::string> argv) {
    const auto done =
        sys::run_captured({.argv = std::move(argv), .environment = options_.environment, .directory = dir_});
    ASSERT_TRUE(done && done->exit_code == 0);
  };
  run({"git", "init", "-q", "."});
  run({"git", "config", "credential.helper",
       script("helper",
              "echo \"$1\" >>calls; cat >>$1\nif [ $1 = get ]; then "
              "echo username=me; echo password=secret; fi\n")});
  options_.goauth = "git " + dir_.native();
  GoAuth auth(options_);
  EXPECT_EQ(first(auth), "");
  EXPECT_EQ(file("calls"), "");
  EXPECT_EQ(again(auth), k_basic) << lines_;
  EXPECT_EQ(first(auth), k_basic);
  EXPECT_EQ(file("get").find("protocol=https\nhost=a.test\n"), 0U);
  const http::Headers sent = {{"Authorization", k_basic}};
  auth.settled(k_url, {{"Authorization", "other"}}, 200);
  auth.settled(k_url, sent, 404);
  EXPECT_EQ(file("calls"), "get\n");
  auth.settled(k_url, sent, 200);
  auth.settled(k_url, sent, 200);
  EXPECT_EQ(file("calls"), "get\nstore\n");
  EXPECT_EQ(again(auth, sent), "nothing");
  auth.settled(k_url, sent, 401);
  EXPECT_EQ(file("calls"), "get\nstore\nget\nerase\n");
  EXPECT_NE(file("erase").find("password=secret\n"), std::string::npos);
}

}  // namespace
}  // namespace larder::creds
