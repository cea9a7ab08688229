// SPDX-License-Identifier: Apache-2.0
#include "fetch/checksum_database.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fetch/test_modules.hpp"
#include "store/memory/memory_store.hpp"
#include "sumdb/test_log.hpp"
#include "sys/files.hpp"
#include "sys/lock.hpp"

namespace larder::fetch {
namespace {

const gomod::Module k_m{"example.com/Up/m", "v1.0.0"};
const std::string k_lookup = "/lookup/example.com/%21up/m@v1.0.0";

gomod::H1 hash_of(std::string_view text) {
  return {sha256(text)};
}

// A database of seven records, the last k_m's, as files below `base`.
struct Rig {
  sumdb::TestLog log{"db.test/sums"};
  sys::TempDir home = sys::TempDir::create().value();
  http::Client client{quick_options()};
  Files files;

  explicit Rig(const std::string& base, const std::string& record = "") {
    log.fill(6);
    log.add(record.empty() ? fmt::format("{0} v1.0.0 {1}\n{0} v1.0.0/go.mod {2}\n", k_m.path,
                                         hash_of("zip").str(), hash_of("mod").str())
                           : record);
    files[base + k_lookup] = log.lookup(6, 7);
    files[base + "/tile/8/0/000.p/7"] = *log.tile({.width = 7});
  }
  std::unique_ptr<Authority> open(const std::string& goproxy, const std::string& url = "") {
    Settings settings;
    settings.goproxy = goproxy;
    settings.gosumdb = log.key().str() + " " + url;
    return open_checksum_database(settings, {home.path() / "heads", home.path() / "cache"}, client);
  }
  std::string file(const std::string& name) const {
    return sys::read_file(home.path() / name).value_or("absent");
  }
};

std::string said(const Authority& database, Of of, std::string_view content) {
  const auto done = database.confirm(k_m, of, hash_of(content), {});
  return done ? "yes" : done.error().message();
}

TEST(ChecksumDatabase, confirms_through_a_proxy_and_remembers) {
  Rig rig("/p/sumdb/db.test/sums");
  rig.files["/p/sumdb/db.test/sums/supported"] = "";
  http::TestServer server(serving(rig.files));
  const auto database = rig.open(server.url("/p/"));
  EXPECT_EQ(said(*database, Of::zip, "zip"), "yes");
  EXPECT_EQ(said(*database, Of::go_mod, "mod"), "yes");
  EXPECT_EQ(server.requests().size(), 3U);
  EXPECT_EQ(rig.file("heads/db.test/sums/latest"), rig.log.note(7));
  EXPECT_EQ(rig.file("cache/db.test/sums/lookup/example.com/!up/m@v1.0.0"), rig.log.lookup(6, 7));
  EXPECT_EQ(rig.file("cache/db.test/sums/tile/8/0/000.p/7"), *rig.log.tile({.width = 7}));
  EXPECT_EQ(said(*rig.open("off"), Of::zip, "zip"), "yes") << "all is remembered";
  EXPECT_EQ(server.requests().size(), 3U);
}

TEST(ChecksumDatabase, other_hashes) {
  Rig rig("");
  http::TestServer server(serving(rig.files));
  const auto database = rig.open("direct", server.url());
  EXPECT_EQ(said(*database, Of::zip, "mod"),
            "example.com/Up/m@v1.0.0: verifying module: checksum mismatch\n\tdownloaded: " +
                hash_of("mod").str() + "\n\tdb.test/sums: " + hash_of("zip").str() +
                "\n\nSECURITY ERROR\n"
                "This download does NOT match the one reported by the checksum server.\n"
                "The bits may have been replaced on the origin server, or an attacker may\n"
                "have intercepted the download attempt.\n\n"
                "For more information, see 'go help module-auth'.\n");
  EXPECT_TRUE(
      said(*database, Of::go_mod, "zip")
          .starts_with("example.com/Up/m@v1.0.0: verifying go.mod: checksum mismatch\n\tdownloaded: "));
}

// go #79070: an answer that is true and proven, and does not have the module.
TEST(ChecksumDatabase, no_line_for_the_module) {
  const std::pair<const char*, std::string> records[] = {
      {"another module", "example.com/other v1.0.0 " + hash_of("zip").str() + "\n"},
      {"another version", k_m.path + " v1.0.1 " + hash_of("zip").str() + "\n"},
      {"another algorithm", k_m.path + " v1.0.0 h2:abc\n"},
      {"only go.mod", k_m.path + " v1.0.0/go.mod " + hash_of("zip").str() + "\n"},
  };
  for (const auto& [name, record] : records) {
    Rig rig("", record);
    http::TestServer server(serving(rig.files));
    const auto database = rig.open("direct", server.url());
    const auto done = database->confirm(k_m, Of::zip, hash_of("zip"), {});
    ASSERT_FALSE(done) << name;
    EXPECT_EQ(done.error().kind(), Kind::unverified);
    EXPECT_TRUE(done.error().message().starts_with(
        "example.com/Up/m@v1.0.0: verifying module: checksum missing from sumdb response\n\nSECURITY ERROR\n"
        "This download does NOT match one reported by the checksum server.\n"))
        << done.error().message();
  }
}

TEST(ChecksumDatabase, an_unknown_module_is_unverified) {
  Rig rig("");
  rig.files.clear();
  http::TestServer server(serving(rig.files));
  const auto done = rig.open("direct", server.url())->confirm(k_m, Of::go_mod, hash_of("x"), {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind(), Kind::unverified);
  EXPECT_TRUE(done.error().message().starts_with(
      "example.com/Up/m@v1.0.0: verifying go.mod: example.com/Up/m@v1.0.0/go.mod: reading " +
      server.url(k_lookup) + ": 404 Status\n\tserver response: not found: "))
      << done.error().message();
}

TEST(ChecksumDatabase, gosumdb_that_makes_no_sense) {
  const http::Client client(quick_options());
  const auto database = open_checksum_database({}, {}, client);
  EXPECT_EQ(said(*database, Of::zip, "x"), "example.com/Up/m@v1.0.0: verifying module: missing GOSUMDB");
  EXPECT_EQ(database->confirm(k_m, Of::zip, hash_of("x"), {}).error().kind(), Kind::unverified);
}

TEST(ChecksumDatabase, no_gopath) {
  Rig rig("");
  Settings settings;
  settings.goproxy = "direct";
  settings.gosumdb = rig.log.key().str();
  const auto database = open_checksum_database(settings, {{}, rig.home.path()}, rig.client);
  EXPECT_EQ(said(*database, Of::zip, "x"),
            "example.com/Up/m@v1.0.0: verifying module: example.com/Up/m@v1.0.0: initializing sumdb.Client: "
            "could not locate sumdb file: missing $GOPATH");
}

// --- where it is asked ---

struct ProxyCase {
  const char* name;
  const char* goproxy;  // URL: the server's
  const char* answer;   // part of the error, or "yes"
  std::size_t asked;    // requests to the server before the lookup
};
const ProxyCase k_proxies[] = {
    {"mirrors", "URL/yes", "yes", 1},
    {"second_mirrors", "URL/404,URL/yes", "yes", 2},
    {"gone_is_not_found", "URL/410,URL/yes", "yes", 2},
    {"broken_stops", "URL/403,URL/yes", "403 Status", 1},
    {"broken_and_pipe", "URL/403|URL/yes", "yes", 2},
    {"last_failure_is_shown", "URL/404,URL/403", "403 Status", 2},
    {"failure_stands_with_off_behind", "URL/403|off", "403 Status", 1},
    {"no_mirror_after_off", "off,URL/yes", "https://db.test.invalid/lookup/", 0},
    {"direct", "direct", "https://db.test.invalid/lookup/", 0},
    {"no_mirror", "URL/404", "https://db.test.invalid/lookup/", 1},
    {"failure_gives_way_to_direct", "URL/403|direct", "https://db.test.invalid/lookup/", 1},
    {"off", "off", "checksum database db.test.invalid is not asked with GOPROXY=off", 0},
};

TEST(ChecksumDatabase, walks_goproxy) {
  for (const auto& one : k_proxies) {
    sumdb::TestLog log("db.test.invalid");
    log.add_module(k_m.path, k_m.version);
    Files files = {{"/yes/sumdb/db.test.invalid/supported", "<html>whatever</html>"},
                   {"/yes/sumdb/db.test.invalid" + k_lookup, log.lookup(0, 1)},
                   {"/yes/sumdb/db.test.invalid/tile/8/0/000.p/1", *log.tile({.width = 1})}};
    http::TestServer server([&](const http::TestRequest& request) {
      const auto status = request.target.substr(1, 3);
      if (status == "403" || status == "410") return http::reply(std::stoi(status), "");
      return serving(files)(request);
    });
    std::string goproxy = one.goproxy;
    for (auto at = goproxy.find("URL"); at != goproxy.npos; at = goproxy.find("URL")) {
      goproxy.replace(at, 3, server.url());
    }
    const auto home = sys::TempDir::create().value();
    auto options = quick_options();
    options.retry.attempts = 1;
    const http::Client client(std::move(options));
    Settings settings;
    settings.goproxy = goproxy;
    settings.gosumdb = log.key().str();
    const auto database = open_checksum_database(settings, {home.path(), home.path()}, client);
    const auto hash = gomod::H1{sha256(k_m.path + k_m.version + "x")};
    const auto done = database->confirm(k_m, Of::zip, hash, {});
    const auto text = done ? "yes" : done.error().message();
    EXPECT_NE(text.find(one.answer), text.npos) << one.name << ": " << text;
    std::size_t asked = 0;
    for (const auto& request : server.requests()) {
      if (request.target.ends_with("/supported")) ++asked;
    }
    EXPECT_EQ(asked, one.asked) << one.name;
  }
}

TEST(ChecksumDatabase, a_folder_is_a_mirror) {
  Rig rig("");
  const auto folder = rig.home.path() / "proxy" / "sumdb" / "db.test" / "sums";
  const auto put = [&](const std::string& name, const std::string& text) {
    ASSERT_TRUE(sys::make_dirs((folder / name).parent_path()));
    ASSERT_TRUE(sys::write_file(folder / name, as_bytes(text)));
  };
  put("supported", "");
  put("lookup/example.com/!up/m@v1.0.0", rig.log.lookup(6, 7));
  put("tile/8/0/000.p/7", *rig.log.tile({.width = 7}));
  EXPECT_EQ(said(*rig.open("file://" + (rig.home.path() / "proxy").native()), Of::zip, "zip"), "yes");
}

// --- what is remembered ---

TEST(DatabaseState, latest_is_compared_and_swapped) {
  const auto home = sys::TempDir::create().value();
  DatabaseState state("db.test/x", {home.path() / "a" / "b", home.path()});
  EXPECT_EQ(state.latest().value(), "");
  EXPECT_TRUE(state.replace_latest("", "one").value());
  EXPECT_FALSE(state.replace_latest("", "two").value());
  EXPECT_FALSE(state.replace_latest("on", "two").value());
  EXPECT_TRUE(state.replace_latest("one", "2").value());
  EXPECT_EQ(state.latest().value(), "2");
  EXPECT_EQ(sys::read_file(home.path() / "a/b/db.test/x/latest").value(), "2");
}

TEST(DatabaseState, empty_and_unreadable_files_are_absent) {
  const auto home = sys::TempDir::create().value();
  DatabaseState state("db.test", {home.path(), home.path() / "c"});
  EXPECT_FALSE(state.cached("lookup/x@v1"));
  state.cache("lookup/x@v1", "");
  EXPECT_FALSE(state.cached("lookup/x@v1"));
  state.cache("lookup/x@v1", "text, and longer");
  state.cache("lookup/x@v1", "text");
  EXPECT_EQ(state.cached("lookup/x@v1"), "text");
  EXPECT_FALSE(state.cached("lookup"));
  state.cache("lookup", "a folder is there");
  EXPECT_EQ(state.cached("lookup/x@v1"), "text");
}

TEST(DatabaseState, what_is_new_goes_into_the_store_alone_where_there_is_one) {
  const auto home = sys::TempDir::create().value();
  const auto store = store::make_memory_store();
  DatabaseState before("db.test", {home.path(), home.path() / "c"});
  before.cache("lookup/x@v1", "of an earlier run");
  DatabaseState state("db.test", {home.path(), home.path() / "c", store.get()});
  EXPECT_EQ(state.cached("lookup/x@v1"), "of an earlier run");
  state.cache("lookup/y@v1", "new");
  EXPECT_FALSE(sys::is_file(home.path() / "c/db.test/lookup/y@v1"));
}

}  // namespace
}  // namespace larder::fetch
