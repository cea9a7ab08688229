// SPDX-License-Identifier: Apache-2.0
#include "creds/upstream.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "sys/files.hpp"

namespace larder::creds {
namespace {

// Says where it was asked.
class Next final : public http::Credentials {
 public:
  Result<http::Headers> headers_for(const std::string& url, std::stop_token /*stop*/) override {
    return http::Headers{{"Asked", url}};
  }
  Result<std::optional<http::Headers>> after_refusal(const std::string& url, const http::Headers& /*sent*/,
                                                     const http::Refusal& /*refusal*/,
                                                     std::stop_token /*stop*/) override {
    return std::optional(http::Headers{{"Asked again", url}});
  }
  void settled(const std::string& url, const http::Headers& /*sent*/, int /*status*/) override {
    settled_ = url;
  }
  std::string settled_;
};

std::string shown(const Result<http::Headers>& headers) {
  if (!headers) return "error: " + headers.error().message();
  return headers->empty() ? "" : headers->front().first + ": " + headers->front().second;
}

class UpstreamTest : public testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& text, int mode = 0600) const {
    const auto path = dir_.path() / name;
    EXPECT_TRUE(sys::write_file(path, as_bytes(text)));
    std::filesystem::permissions(path, static_cast<std::filesystem::perms>(mode));
    return path.native();
  }
  UpstreamCredentials make(const std::vector<Upstream>& upstreams, const sys::Environment& environment = {}) {
    return {upstreams, environment, [this](const Error& e) { warnings_.push_back(e); }, next_};
  }

  sys::TempDir dir_ = sys::TempDir::create().value();
  std::shared_ptr<Next> next_ = std::make_shared<Next>();
  std::vector<Error> warnings_;
};

TEST_F(UpstreamTest, the_secret_of_the_longest_url_and_of_no_other) {
  Upstream host{.url = "https://a.test", .token = {.file = {}, .variable = "HOST"}};
  Upstream team{.url = "https://a.test/team/", .token = {.file = file("t", "tok\n"), .variable = ""}};
  team.header = "Private-Token";
  Upstream basic{.url = "https://b.test:8443"};
  basic.user = "me";
  basic.password.file = file("p", "secret");
  const Upstream bare{.url = "https://c.test"};
  auto creds = make({host, team, basic, bare}, {{"HOST", "h"}});
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"https://a.test/x", "Authorization: Bearer h"},
      {"https://a.test/team", "Private-Token: tok"},
      {"https://a.test/team?go-get=1", "Private-Token: tok"},
      {"https://a.test/team/m/@v/list", "Private-Token: tok"},
      {"https://a.test/teams", "Authorization: Bearer h"},
      {"https://b.test:8443/", "Authorization: Basic bWU6c2VjcmV0"},
      {"https://b.test/", "Asked: https://b.test/"},
      {"https://a.test.evil/", "Asked: https://a.test.evil/"},
      {"https://evil.test/?https://a.test/", "Asked: https://evil.test/?https://a.test/"},
      {"https://c.test/", "Asked: https://c.test/"},
  };
  for (const auto& [url, want] : cases) EXPECT_EQ(shown(creds.headers_for(url, {})), want);
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(UpstreamTest, a_new_token_in_the_file_is_found) {
  auto creds = make({{.url = "https://a.test", .token = {.file = file("t", "one"), .variable = ""}}});
  const std::string url = "https://a.test/x";
  const auto sent = creds.headers_for(url, {}).value();
  EXPECT_EQ(creds.after_refusal(url, sent, {}, {}).value(), std::nullopt);
  file("t", "two");
  EXPECT_EQ(shown(creds.after_refusal(url, sent, {}, {}).value().value()), "Authorization: Bearer two");
  EXPECT_EQ(shown(creds.headers_for(url, {})), "Authorization: Bearer two");
  creds.settled(url, sent, 200);
  EXPECT_EQ(next_->settled_, "");
  creds.settled("https://b.test/", sent, 200);
  EXPECT_EQ(next_->settled_, "https://b.test/");
}

TEST_F(UpstreamTest, a_secret_that_cannot_be_had) {
  const auto say = [&](const SecretName& name, const sys::Environment& environment) {
    return shown(
        make({{.url = "https://a.test", .token = name}}, environment).headers_for("https://a.test/", {}));
  };
  const std::string front = "error: secret for https://a.test: ";
  const auto lines = file("lines", "one\ntwo\n");
  EXPECT_EQ(say({"", "TOKEN"}, {}), front + "environment variable TOKEN is not set");
  EXPECT_EQ(say({"", "TOKEN"}, {{"TOKEN", " \n"}}), front + "environment variable TOKEN is empty");
  EXPECT_EQ(say({lines, ""}, {}), front + "file " + lines + " holds more than one line of text");
  EXPECT_EQ(say({"/nonexistent/t", ""}, {}).rfind(front + "file /nonexistent/t cannot be read: ", 0), 0U);
  EXPECT_EQ(say({file("big", std::string(20000, 'x')), ""}, {}).rfind(front, 0), 0U);
}

TEST_F(UpstreamTest, a_file_that_others_can_read_is_a_warning_once) {
  const auto name = file("t", "tok", 0644);
  auto creds = make({{.url = "https://a.test", .token = {.file = name, .variable = ""}}});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(creds.headers_for("https://a.test/", {}));
  EXPECT_TRUE(creds.after_refusal("https://a.test/", {}, {}, {}));
  ASSERT_EQ(warnings_.size(), 1U);
  EXPECT_EQ(warnings_[0].message(), name + ": others can read this secret (mode 0644)");
  EXPECT_EQ(warnings_[0].hint(), "chmod 600 " + name);
}

TEST(Upstream, what_fits_together) {
  const SecretName file{"/f", ""};
  struct Case {
    std::string want;
    Upstream upstream;
  };
  const auto with = [](const auto& change) {
    Upstream out{.url = "https://a.test/x"};
    change(out);
    return out;
  };
  const std::vector<Case> cases = {
      {"", with([](auto&) {})},
      {"", with([&](auto& u) { u.token = file; })},
      {"", with([&](auto& u) { u.password = file, u.user = "me"; })},
      {"", with([&](auto& u) { u.token = file, u.header = "X-Token"; })},
      {"", with([](auto& u) { u.client_cert = "/c"; })},
      {"", with([](auto& u) { u.url = "http://a.test"; })},
      {"url is missing", with([](auto& u) { u.url = ""; })},
      {"token_file and token_env exclude each other", with([](auto& u) { u.token = {"/f", "T"}; })},
      {"a token and a password exclude each other",
       with([&](auto& u) { u.token = file, u.password = file, u.user = "me"; })},
      {"user and password_file or password_env belong together", with([](auto& u) { u.user = "me"; })},
      {"user and password_file or password_env belong together", with([&](auto& u) { u.password = file; })},
      {"user cannot hold ':'", with([&](auto& u) { u.password = file, u.user = "a:b"; })},
      {"header must be the name of a header for token_file or token_env",
       with([&](auto& u) { u.token = file, u.header = "Content-Length"; })},
      {"header must be the name of a header for token_file or token_env",
       with([&](auto& u) { u.token = file, u.header = "A: b"; })},
      {"header must be the name of a header for token_file or token_env",
       with([](auto& u) { u.header = "X"; })},
      {"client_key without client_cert", with([](auto& u) { u.client_key = "/k"; })},
      {"url holds a user: https://me:xxxxx@a.test", with([](auto& u) { u.url = "https://me:pw@a.test"; })},
      {"a secret goes over https only: http://a.test",
       with([&](auto& u) { u.url = "http://a.test", u.token = file; })},
      {"url holds a query: https://a.test/?x", with([](auto& u) { u.url = "https://a.test/?x"; })},
  };
  for (const auto& [want, upstream] : cases) {
    const auto got = check_upstream(upstream);
    const std::string said = got ? "" : got.error().message();
    EXPECT_EQ(said.substr(0, want.empty() ? std::string::npos : want.size()), want);
  }
}

TEST(Upstream, one_host_one_tls) {
  const auto tls = tls_of({{.url = "https://A.test/x", .ca_file = "/ca"},
                           {.url = "https://a.test:443/y", .client_cert = "/both"},
                           {.url = "https://a.test:8443", .client_cert = "/c", .client_key = "/k"},
                           {.url = "https://b.test"}});
  ASSERT_EQ(tls.size(), 2U);
  EXPECT_EQ(tls[0].host, "a.test");
  EXPECT_EQ(tls[0].port, 443);
  EXPECT_EQ(tls[0].ca_file, "/ca");
  EXPECT_EQ(tls[0].client_cert, "/both");
  EXPECT_EQ(tls[0].client_key, "/both");
  EXPECT_EQ(tls[1].port, 8443);
  EXPECT_EQ(tls[1].client_key, "/k");
}

}  // namespace
}  // namespace larder::creds
