// SPDX-License-Identifier: Apache-2.0
#include "fetch/proxy_source.hpp"

#include <gtest/gtest.h>

#include "fetch/test_modules.hpp"

namespace larder::fetch {
namespace {

const gomod::Module k_m{"example.com/Up/m", "v1.0.0"};

struct Rig {
  http::TestServer server;
  http::Client client{quick_options()};
  std::unique_ptr<ModuleSource> source;

  explicit Rig(http::TestServer::Handler handler) : server(std::move(handler)) {
    source = open_proxy_source(server.url("/base/"), client).value();
  }
};

Files below_base(const Files& files) {
  Files out;
  for (const auto& [name, body] : files) out["/base" + name] = body;
  return out;
}

TEST(ProxySource, fetches_the_files_of_a_version) {
  const TestModule m(k_m);
  Rig rig(serving(below_base(files_of(m))));
  const auto info = rig.source->info(k_m.path, k_m.version, {});
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_EQ(info->time, "2024-01-02T03:04:05Z");
  EXPECT_EQ(rig.source->mod(k_m, {}), m.mod);
  http::StringSink sink;
  EXPECT_TRUE(rig.source->zip(k_m, sink, {}));
  EXPECT_EQ(sink.text(), m.zip);
  EXPECT_EQ(rig.source->list(k_m.path, {}), std::vector<std::string>{"v1.0.0"});
  EXPECT_EQ(rig.server.requests().at(0).target, "/base/example.com/%21up/m/@v/v1.0.0.info");
}

TEST(ProxySource, names_the_module_and_quotes_the_server) {
  Rig rig(serving({}));
  const std::string url = rig.server.url("/base/example.com/%21up/m/@v/");
  const auto said = [&](const std::string& file) {
    return "reading " + url + file +
           ": 404 Status\n\tserver response: not found: "
           "/base/example.com/%21up/m/@v/" +
           file;
  };
  const auto info = rig.source->info(k_m.path, k_m.version, {});
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().kind(), Kind::not_found);
  EXPECT_EQ(info.error().message(), "example.com/Up/m@v1.0.0: " + said("v1.0.0.info"));
  EXPECT_EQ(rig.source->mod(k_m, {}).error().message(), "example.com/Up/m@v1.0.0: " + said("v1.0.0.mod"));
  EXPECT_EQ(rig.source->info(k_m.path, "main", {}).error().message(),
            "example.com/Up/m@main: invalid version: " + said("main.info"));
  EXPECT_EQ(rig.source->list(k_m.path, {}).error().message(), "module example.com/Up/m: " + said("list"));
}

struct AnswerCase {
  const char* name;
  const char* body;
  const char* problem;
};
class BadInfo : public testing::TestWithParam<AnswerCase> {};
TEST_P(BadInfo, is_refused) {
  Rig rig([](const http::TestRequest&) { return http::reply(200, GetParam().body); });
  const auto info = rig.source->info(k_m.path, k_m.version, {});
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().kind(), Kind::invalid);
  std::string want = GetParam().problem;
  if (const auto at = want.find("BASE"); at != std::string::npos)
    want.replace(at, 4, rig.server.url("/base"));
  EXPECT_EQ(info.error().message(), "example.com/Up/m@v1.0.0: " + want);
}
INSTANTIATE_TEST_SUITE_P(
    ProxySource, BadInfo,
    testing::Values(AnswerCase{"html", "<html>",
                               "invalid response from proxy \"BASE\": invalid character "
                               "'<' looking for beginning of value"},
                    AnswerCase{"empty", "",
                               "invalid response from proxy \"BASE\": unexpected end of "
                               "JSON input"},
                    AnswerCase{"other_version", "{\"Version\":\"v1.0.1\"}",
                               "proxy returned info for version v1.0.1 instead of "
                               "requested version"},
                    AnswerCase{"no_version", "{}",
                               "proxy returned info for version  instead of requested version"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(ProxySource, a_branch_answers_its_version) {
  Rig rig([](const http::TestRequest&) {
    return http::reply(200, "{\"Version\":\"v0.0.0-20240102030405-0123456789ab\"}");
  });
  const auto info = rig.source->info(k_m.path, "main", {});
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_EQ(info->version, "v0.0.0-20240102030405-0123456789ab");
}

TEST(ProxySource, sends_no_strange_names) {
  Rig rig(serving({}));
  for (const auto* query : {"a/b", "..", "", "a!b", "v1.0.0\n"}) {
    EXPECT_EQ(rig.source->info(k_m.path, query, {}).error().kind(), Kind::invalid) << query;
  }
  EXPECT_EQ(rig.source->list("../x", {}).error().kind(), Kind::invalid);
  EXPECT_EQ(rig.source->mod({k_m.path, "main"}, {}).error().kind(), Kind::invalid);
  http::StringSink sink;
  EXPECT_EQ(rig.source->zip({k_m.path, "v1"}, sink, {}).error().kind(), Kind::invalid);
  EXPECT_TRUE(rig.server.requests().empty());
}

TEST(ProxySource, a_list_gives_tagged_versions_in_order) {
  Rig rig([](const http::TestRequest&) {
    return http::reply(200,
                       "v1.10.0\nv1.2.0 "
                       "2024-01-02T03:04:05Z\r\n\nv1.2.0\nmaster\nv0.0.0-"
                       "20240102030405-0123456789ab\n"
                       "v2.0.0+incompatible\nv1.2.0-rc.1");
  });
  const std::vector<std::string> want = {"v1.2.0-rc.1", "v1.2.0", "v1.10.0", "v2.0.0+incompatible"};
  EXPECT_EQ(rig.source->list(k_m.path, {}), want);
}

struct LatestCase {
  const char* name;
  const char* list;
  const char* version;  // "" for none
};
class LatestFromList : public testing::TestWithParam<LatestCase> {};
TEST_P(LatestFromList, where_there_is_no_latest) {
  Rig rig([](const http::TestRequest& r) {
    if (r.target.ends_with("/@latest")) return http::reply(404, "");
    if (r.target.ends_with("/list")) return http::reply(200, GetParam().list);
    const auto from = r.target.rfind('/') + 1;
    return http::reply(200, "{\"Version\":\"" + r.target.substr(from, r.target.size() - from - 5) + "\"}");
  });
  const auto info = rig.source->latest(k_m.path, {});
  if (GetParam().version[0] == '\0') {
    ASSERT_FALSE(info);
    EXPECT_EQ(info.error(), Error(Kind::not_found, "module example.com/Up/m: no commits"));
    return;
  }
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_EQ(info->version, GetParam().version);
}
INSTANTIATE_TEST_SUITE_P(
    ProxySource, LatestFromList,
    testing::Values(
        LatestCase{"nothing", "", ""}, LatestCase{"tags_without_time", "v1.0.0\nv1.1.0\n", ""},
        LatestCase{"pseudo",
                   "v0.0.0-20240102030405-0123456789ab\nv0.0.0-20230102030405-"
                   "0123456789ab\n",
                   "v0.0.0-20240102030405-0123456789ab"},
        LatestCase{"by_time", "v1.1.0 2023-01-01T00:00:00Z\nv1.0.0 2024-01-01T00:00:00Z\n", "v1.0.0"},
        LatestCase{"zones", "v1.1.0 2024-01-01T01:00:00+02:00\nv1.0.0 2024-01-01T00:00:00Z\n", "v1.0.0"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(ProxySource, a_zip_too_large_is_refused_early) {
  Rig rig([](const http::TestRequest&) -> http::TestReply {
    return {"HTTP/1.1 200 OK\r\nContent-Length: 524288001\r\n\r\n", http::TestReply::Then::hold};
  });
  http::StringSink sink;
  const auto zip = rig.source->zip(k_m, sink, {});
  ASSERT_FALSE(zip);
  EXPECT_EQ(zip.error(), Error(Kind::invalid, "example.com/Up/m@v1.0.0: downloaded zip file too large"));
}

TEST(ProxySource, credentials_stay_off_http) {
  http::TestServer server(serving({}));
  const http::Client client(quick_options());
  std::string url = server.url();
  url.insert(url.find("127"), "me:secret@");
  const auto source = open_proxy_source(url, client).value();
  const auto info = source->info(k_m.path, k_m.version, {});
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().kind(), Kind::forbidden);
  url.replace(url.find("secret"), 6, "xxxxx");
  EXPECT_EQ(info.error().message(),
            "example.com/Up/m@v1.0.0: refusing to pass "
            "credentials to insecure URL: " +
                url + "/example.com/%21up/m/@v/v1.0.0.info");
  EXPECT_TRUE(server.requests().empty());
}

}  // namespace
}  // namespace larder::fetch
