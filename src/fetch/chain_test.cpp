// SPDX-License-Identifier: Apache-2.0
#include "fetch/chain.hpp"

#include <gtest/gtest.h>

#include "fetch/test_modules.hpp"
#include "sys/files.hpp"

namespace larder::fetch {
namespace {

const gomod::Module k_m{"example.com/m", "v1.0.0"};

// GOPROXY with $A, $B replaced by servers that answer with these statuses (200:
// the module).
struct ChainCase {
  const char* name;
  const char* goproxy;
  int a;
  int b;
  const char* gonoproxy;
  std::optional<Kind> kind;  // none: success
  const char* message;       // what the error contains
  std::size_t asked_b;
};
std::string replace(std::string text, std::string_view from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from))
    text.replace(at, from.size(), to);
  return text;
}
http::TestServer::Handler answering(int status) {
  if (status == 200) return serving(files_of(TestModule(k_m)));
  return [status](const http::TestRequest&) { return http::reply(status, ""); };
}
class ChainOf : public testing::TestWithParam<ChainCase> {};
TEST_P(ChainOf, two_proxies) {
  const auto& row = GetParam();
  http::TestServer a(answering(row.a));
  http::TestServer b(answering(row.b));
  auto options = quick_options();
  options.retry.attempts = 1;
  options.network.https_proxy = "http://127.0.0.1:1";  // where nobody listens: other hosts cannot be reached
  const http::Client client(options);
  Settings settings;
  settings.goproxy = replace(replace(row.goproxy, "$A", a.url()), "$B", b.url());
  settings.goprivate = row.gonoproxy;
  const auto source = open_source(settings, client);
  ASSERT_TRUE(source) << source.error().message();
  const auto info = (*source)->info(k_m.path, k_m.version, {});
  EXPECT_EQ(b.requests().size(), row.asked_b);
  ASSERT_EQ(info.has_value(), !row.kind.has_value());
  if (info) return;
  EXPECT_EQ(info.error().kind(), *row.kind) << info.error().message();
  // What is wrong with a path is said of the path, not of a version.
  const bool of_version = !std::string_view(row.message).starts_with("unrecognized import path");
  const std::string want =
      (of_version ? "example.com/m@v1.0.0: " : "") +
      replace(replace(row.message, "$A", "reading " + a.url()), "$B", "reading " + b.url());
  EXPECT_TRUE(info.error().message().starts_with(want)) << info.error().message() << "\n" << want;
}
constexpr auto k_off = "module lookup disabled by GOPROXY=off";
constexpr auto k_direct =
    "unrecognized import path \"example.com/m\": https fetch: Get "
    "\"https://example.com/m?go-get=1\": ";
INSTANTIATE_TEST_SUITE_P(
    Chain, ChainOf,
    testing::Values(
        ChainCase{"first_has_it", "$A,$B", 200, 200, "", {}, "", 0},
        ChainCase{"comma_after_404", "$A,$B", 404, 200, "", {}, "", 1},
        ChainCase{"comma_after_410", "$A,$B", 410, 200, "", {}, "", 1},
        ChainCase{"comma_stops_at_500", "$A,$B", 500, 200, "", Kind::unavailable, "$A", 0},
        ChainCase{"comma_stops_at_403", "$A,$B", 403, 200, "", Kind::forbidden, "$A", 0},
        ChainCase{"pipe_after_500", "$A|$B", 500, 200, "", {}, "", 1},
        ChainCase{"pipe_after_403", "$A|$B", 403, 200, "", {}, "", 1},
        ChainCase{"last_not_found_is_shown", "$A,$B", 404, 404, "", Kind::not_found, "$B", 1},
        ChainCase{"last_failure_is_shown", "$A|$B", 500, 403, "", Kind::forbidden, "$B", 1},
        ChainCase{"failure_beats_not_found", "$A|$B", 500, 404, "", Kind::unavailable, "$A", 1},
        ChainCase{"later_failure_beats_not_found", "$A,$B", 404, 503, "", Kind::unavailable, "$B", 1},
        ChainCase{"off", "off", 200, 200, "", Kind::forbidden, k_off, 0},
        ChainCase{"off_after_404", "$A,off", 404, 200, "", Kind::not_found, k_off, 0},
        ChainCase{"off_after_500", "$A|off", 500, 200, "", Kind::unavailable, "$A", 0},
        ChainCase{"nothing_after_off", "off,$B", 200, 200, "", Kind::forbidden, k_off, 0},
        ChainCase{"direct", "direct", 200, 200, "", Kind::not_found, k_direct, 0},
        ChainCase{"direct_after_404", "$A,direct", 404, 200, "", Kind::not_found, k_direct, 0},
        ChainCase{"direct_after_500", "$A,direct", 500, 200, "", Kind::unavailable, "$A", 0},
        ChainCase{"direct_beats_a_failure", "$A|direct", 500, 200, "", Kind::not_found, k_direct, 0},
        ChainCase{"private_never_asks_a_proxy", "$A,$B", 200, 200, "example.com", Kind::not_found, k_direct,
                  0},
        ChainCase{"private_does_not_open_what_is_off", "off", 200, 200, "example.com", Kind::forbidden, k_off,
                  0},
        ChainCase{"others_private", "$A,$B", 404, 200, "other.test", {}, "", 1},
        ChainCase{"others_private_off", "off", 200, 200, "other.test", Kind::forbidden, k_off, 0}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(Chain, a_malformed_list_is_an_error) {
  const http::Client client(quick_options());
  Settings settings;
  EXPECT_EQ(open_source(settings, client).error().kind(), Kind::forbidden);
  settings.goproxy = ",";
  EXPECT_EQ(open_source(settings, client).error().kind(), Kind::invalid);
  settings.goproxy = "ftp://x";
  EXPECT_EQ(open_source(settings, client).error().kind(), Kind::invalid);
}

TEST(Chain, who_has_an_empty_list_settles_latest) {
  http::TestServer a([](const http::TestRequest& r) {
    return r.target.ends_with("/@v/list") ? http::reply(200, "") : http::reply(404, "");
  });
  http::TestServer b(serving(files_of(TestModule(k_m))));
  const http::Client client(quick_options());
  for (const char* separator : {",", "|"}) {
    Settings settings;
    settings.goproxy = a.url() + separator + b.url();
    const auto source = open_source(settings, client).value();
    const auto asked = b.requests().size();
    const auto latest = source->latest(k_m.path, {});
    if (*separator == '|') {
      EXPECT_GT(b.requests().size(), asked);
      continue;
    }
    ASSERT_FALSE(latest);
    EXPECT_EQ(latest.error().kind(), Kind::not_found);
    EXPECT_EQ(b.requests().size(), asked);
  }
}

TEST(Chain, in_turn_goes_on_after_not_found_only) {
  const http::Client client(quick_options());
  Settings settings;
  settings.goproxy = "file:///nonexistent/a,file:///nonexistent/b,file:///nonexistent/c";
  const auto source = open_source(settings, client).value();
  int asked = 0;
  const auto done = source->in_turn(k_m, [&](const ModuleSource&) -> Result<void> {
    ++asked;
    return fail(asked == 2 ? Kind::invalid : Kind::not_found, "no " + std::to_string(asked));
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(done.error(), Error(Kind::invalid, "no 2"));
}

TEST(Chain, a_zip_begins_anew_with_the_next_entry) {
  const TestModule m(k_m);
  http::TestServer cut_short([](const http::TestRequest&) -> http::TestReply {
    return {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", http::TestReply::Then::close};
  });
  http::TestServer whole(serving(files_of(m)));
  const http::Client client(quick_options());
  Settings settings;
  settings.goproxy = cut_short.url() + "|" + whole.url();
  const auto source = open_source(settings, client).value();
  http::StringSink sink;
  const auto zip = source->zip(k_m, sink, {});
  ASSERT_TRUE(zip) << zip.error().message();
  EXPECT_EQ(sink.text(), m.zip);
}

TEST(Chain, does_not_walk_on_after_a_stop) {
  std::stop_source stop;
  http::TestServer a([&](const http::TestRequest&) -> http::TestReply {
    stop.request_stop();
    return {"", http::TestReply::Then::hold};
  });
  http::TestServer b(serving({}));
  const http::Client client(quick_options());
  Settings settings;
  settings.goproxy = a.url() + "|" + b.url();
  const auto source = open_source(settings, client).value();
  EXPECT_EQ(source->info(k_m.path, k_m.version, stop.get_token()).error().kind(), Kind::cancelled);
  EXPECT_TRUE(b.requests().empty());
}

TEST(Chain, is_near_where_every_entry_is_a_folder) {
  const auto near = [](const char* goproxy, const char* gonoproxy = "") {
    Settings settings;
    settings.goproxy = goproxy;
    settings.gonoproxy = gonoproxy;
    return is_near(settings);
  };
  EXPECT_TRUE(near("off"));
  EXPECT_TRUE(near("file:///a"));
  EXPECT_TRUE(near("file:///a,file:///b|off"));
  EXPECT_FALSE(near("file:///a,direct"));
  EXPECT_FALSE(near("file:///a,http://127.0.0.1:1"));
  EXPECT_FALSE(near("file:///a", "example.com/private"));
  EXPECT_FALSE(near("ftp://a"));
}

TEST(Chain, mixes_folders_and_servers) {
  const TestModule m(k_m);
  http::TestServer server(serving(files_of(m)));
  const auto dir = sys::TempDir::create().value();
  const http::Client client(quick_options());
  Settings settings;
  settings.goproxy = "file://" + dir.path().string() + "," + server.url();
  const auto source = open_source(settings, client).value();
  EXPECT_EQ(source->mod(k_m, {}), m.mod);
}

}  // namespace
}  // namespace larder::fetch
