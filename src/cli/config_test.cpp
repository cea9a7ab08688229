// SPDX-License-Identifier: Apache-2.0
#include "cli/config.hpp"

#include <gtest/gtest.h>

namespace larder::cli {
namespace {

TEST(ParseConfig, takes_known_keys_with_paths_beside_the_file) {
  const auto c =
      parse_config("larder.toml",
                   "store = \"s\"\noffline = true\n[serve]\nlisten = \"127.0.0.1:1\"\n[resolve]\noffline = "
                   "\"store\"\n[unpack]\ntrust = [\"a.pub\"]\n",
                   "/etc/larder")
          .value();
  EXPECT_EQ(c.store, "/etc/larder/s");
  EXPECT_EQ(c.offline, true);
  EXPECT_EQ(c.resolve_offline, "store");
  EXPECT_EQ(c.serve_listen, "127.0.0.1:1");
  EXPECT_EQ(c.unpack_trust, std::vector<std::string>{"/etc/larder/a.pub"});
}

TEST(ParseConfig, names_the_place_of_what_is_wrong) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"stor = \"x\"\n", "t:1:8: unknown key \"stor\" (did you mean \"store\"?)"},
      {"offline = \"yes\"\n", "t:1:11: offline must be true or false"},
      {"[serve]\nlisten = 1\n", "t:2:10: serve.listen must be a string"},
      {"[resolve]\noffline = \"modcache\"\n", "t:2:11: resolve.offline must be \"store\""},
      {"unpack.trust = [1]\n", "t:1:16: unpack.trust must be a list of strings"},
  };
  for (const auto& [text, message] : rows) EXPECT_EQ(parse_config("t", text, "").error().message(), message);
  EXPECT_EQ(parse_config("t", "store = \n", "").error().kind(), Kind::invalid);
}

TEST(ParseConfig, takes_upstreams_and_policy) {
  const auto c =
      parse_config("t",
                   "[[upstream]]\nurl = \"https://a.test\"\ntoken_file = \"t\"\n"
                   "[[upstream]]\nurl = \"https://b.test\"\nuser = \"me\"\npassword_env = \"P\"\n"
                   "[policy]\ndeny = [\"a.test/*\"]\nminimum_age = \"2d\"\nretracted = \"refuse\"\n",
                   "/etc/larder")
          .value();
  ASSERT_EQ(c.upstreams.size(), 2U);
  EXPECT_EQ(c.upstreams[0].token.file, "/etc/larder/t");
  EXPECT_EQ(c.upstreams[1].password.variable, "P");
  EXPECT_EQ(c.policy.deny, std::vector<std::string>{"a.test/*"});
  EXPECT_EQ(c.policy.minimum_age, std::chrono::hours(48));
  EXPECT_EQ(c.policy.retracted, app::Treatment::refuse);
  EXPECT_EQ(c.policy.deprecated, app::Treatment::ignore);
}

TEST(ParseConfig, says_nothing_of_a_secret_that_should_not_be_there) {
  for (const std::string text : {"[[upstream]]\ntoken = \"hush\"\n", "[[upstream]]\npassword = [\"hush\"]\n",
                                 "[[upstream]]\nurl = \"https://me:hu/sh@a.test\"\n"}) {
    const auto wrong = parse_config("t", text, "");
    ASSERT_FALSE(wrong) << text;
    EXPECT_EQ((wrong.error().message() + wrong.error().hint()).find("sh\""), std::string::npos) << text;
    EXPECT_EQ(wrong.error().message().find("hu"), std::string::npos) << wrong.error().message();
  }
  EXPECT_EQ(parse_config("t", "[upstream]\nurl = \"x\"\n", "").error().message(),
            "t:1:1: upstream must be a list of tables: write [[upstream]]");
}

TEST(LoadConfig, flags_beat_environment_beats_file) {
  const auto temp = sys::TempDir::create().value();
  const auto file = temp.path() / "larder.toml";
  ASSERT_TRUE(sys::write_file(file, as_bytes("store = \"from-file\"\n")));
  GlobalFlags flags;
  flags.config = file;
  sys::Environment environment = {{"HOME", temp.path()}, {"PATH", ""}};
  EXPECT_EQ(load_config(flags, environment)->store.value, temp.path() / "from-file");
  environment["LARDER_STORE"] = "/from-environment";
  EXPECT_EQ(load_config(flags, environment)->store.value, "/from-environment");
  flags.store = "/from-flag";
  EXPECT_EQ(load_config(flags, environment)->store.value, "/from-flag");
  EXPECT_EQ(load_config(flags, environment)->store.source, "--store");
}

}  // namespace
}  // namespace larder::cli
