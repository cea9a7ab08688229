// SPDX-License-Identifier: Apache-2.0
// What an honest client sees, over a socket, from a disk store (files, sendfile) and a memory store (bytes).
#include "server/server.hpp"

#include <future>
#include <latch>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "server/listener.hpp"
#include "server/testing.hpp"
#include "store/disk/disk_store.hpp"
#include "store/memory/memory_store.hpp"
#include "sys/files.hpp"

namespace larder::server {
namespace {

using namespace testing_support;
using std::chrono::milliseconds;

enum class Kept { disk, memory };

class ServerTest : public testing::TestWithParam<Kept> {
 protected:
  void SetUp() override {
    if (GetParam() == Kept::disk) {
      dir_.emplace(sys::TempDir::create().value());
      store_ = store::open_disk_store(dir_->path(), store::Access::read_write).value();
    } else {
      store_ = store::make_memory_store();
    }
    fill(*store_);
    options_.listen = "127.0.0.1:0";
    options_.threads = 1;
    options_.on_access = [this](const AccessRecord& record) {
      const std::lock_guard lock(mutex_);
      records_.push_back(record);
    };
    start();
  }

  void start() {
    auto server = Server::start(*store_, options_);
    ASSERT_TRUE(server.has_value()) << server.error().message();
    server_ = *std::move(server);
  }
  Client client() { return Client(server_->port()); }
  // The records after every connection has ended.
  std::vector<AccessRecord> finished_records() {
    EXPECT_TRUE(server_->drain(milliseconds(20'000)));
    const std::lock_guard lock(mutex_);
    return records_;
  }

  std::optional<sys::TempDir> dir_;
  std::unique_ptr<store::Store> store_;
  Options options_;
  std::mutex mutex_;
  std::vector<AccessRecord> records_;
  std::unique_ptr<Server> server_;
};

INSTANTIATE_TEST_SUITE_P(Stores, ServerTest, testing::Values(Kept::disk, Kept::memory),
                         [](const auto& row) { return row.param == Kept::disk ? "disk" : "memory"; });

const std::string k_base = "/a.test/!mod/@v/";

TEST_P(ServerTest, url_names_the_bound_port) {
  EXPECT_EQ(server_->url(), "http://127.0.0.1:" + std::to_string(server_->port()));
}

struct Page {
  const char* target;
  const char* content_type;
  const char* cache_control;
};

TEST_P(ServerTest, headers_of_every_kind) {
  const Page pages[] = {
      {"/a.test/!mod/@v/list", "text/plain; charset=UTF-8", "public, max-age=60"},
      {"/a.test/%21mod/@latest", "application/json", "public, max-age=60"},
      {"/a.test/%21mod/@v/v1.0.0.info", "application/json", "public, max-age=31536000, immutable"},
      {"/a.test/!mod/@v/v1.0.0.mod", "text/plain; charset=UTF-8", "public, max-age=31536000, immutable"},
      {"/a.test/!mod/@v/v1.0.0.zip", "application/zip", "public, max-age=31536000, immutable"},
      {"/", "text/plain; charset=UTF-8", "public, max-age=60"},
  };
  auto c = client();
  for (const auto& page : pages) {
    const auto got = c.get(page.target);
    EXPECT_EQ(got.status, 200) << page.target;
    EXPECT_EQ(got.header("content-type"), page.content_type) << page.target;
    EXPECT_EQ(got.header("cache-control"), page.cache_control) << page.target;
    EXPECT_EQ(got.header("content-length"), std::to_string(got.body.size())) << page.target;
    EXPECT_TRUE(got.header("etag").starts_with('"')) << page.target;
    EXPECT_FALSE(got.header("date").empty());
    EXPECT_FALSE(got.body.empty());
    const auto head = c.ask("HEAD", page.target);
    EXPECT_EQ(head.status, 200) << page.target;
    EXPECT_EQ(head.header("content-length"), std::to_string(got.body.size())) << page.target;
    EXPECT_EQ(head.header("etag"), got.header("etag")) << page.target;
  }
}

TEST_P(ServerTest, bytes_of_small_and_large_files) {
  auto c = client();
  EXPECT_EQ(c.get(k_base + "v1.0.0.zip").body, zip_of("v1.0.0", k_small));
  EXPECT_EQ(c.get(k_base + "v1.10.0.zip").body, zip_of("v1.10.0", k_middle));
}

TEST_P(ServerTest, not_found_is_plain_text_that_names) {
  auto c = client();
  const auto got = c.get(k_base + "v9.9.9.zip");
  EXPECT_EQ(got.status, 404);
  EXPECT_EQ(got.header("content-type"), "text/plain; charset=UTF-8");
  EXPECT_EQ(got.header("cache-control"), "no-store");
  EXPECT_NE(got.body.find("a.test/Mod@v9.9.9"), std::string::npos);
  const auto head = c.ask("HEAD", k_base + "v9.9.9.zip");
  EXPECT_EQ(head.status, 404);
  EXPECT_EQ(c.get("/livez").body, "ok\n");
}

TEST_P(ServerTest, other_methods) {
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW", "get"}) {
    auto c = client();
    const auto got = c.ask(method, k_base + "v1.0.0.zip", "Content-Length: 0\r\n");
    EXPECT_EQ(got.status, 405) << method;
    EXPECT_EQ(got.header("allow"), "GET, HEAD") << method;
  }
}

TEST_P(ServerTest, if_none_match) {
  auto c = client();
  for (const std::string& target :
       {k_base + "v1.10.0.zip", k_base + "list", std::string("/a.test/!mod/@latest")}) {
    const auto etag = c.get(target).header("etag");
    const auto unchanged = c.get(target, "If-None-Match: " + etag + "\r\n");
    EXPECT_EQ(unchanged.status, 304) << target;
    EXPECT_EQ(unchanged.header("etag"), etag);
    EXPECT_FALSE(unchanged.header("cache-control").empty());
    EXPECT_EQ(c.get(target, "If-None-Match: \"other\"\r\n").status, 200);
    EXPECT_EQ(c.ask("HEAD", target, "If-None-Match: " + etag + "\r\n").status, 304);
  }
  EXPECT_EQ(c.get(k_base + "v9.9.9.zip", "If-None-Match: *\r\n").status, 404);
}

TEST_P(ServerTest, ranges) {
  struct Row {
    const char* range;
    std::size_t first, count;
  };
  const auto whole = zip_of("v1.10.0", k_middle);
  auto c = client();
  for (const auto& row : {Row{"0-0", 0, 1}, Row{"100-199", 100, 100}, Row{"299999-", 299'999, 1},
                          Row{"-5", 299'995, 5}, Row{"1000-", 1000, 299'000}, Row{"0-999999", 0, 300'000}}) {
    const auto got = c.get(k_base + "v1.10.0.zip", std::string("Range: bytes=") + row.range + "\r\n");
    EXPECT_EQ(got.status, 206) << row.range;
    EXPECT_EQ(got.body, whole.substr(row.first, row.count)) << row.range;
    EXPECT_EQ(got.header("content-range"), "bytes " + std::to_string(row.first) + "-" +
                                               std::to_string(row.first + row.count - 1) + "/300000");
    EXPECT_EQ(got.header("accept-ranges"), "bytes");
  }
  const auto beyond = c.get(k_base + "v1.10.0.zip", "Range: bytes=300000-\r\n");
  EXPECT_EQ(beyond.status, 416);
  EXPECT_EQ(beyond.header("content-range"), "bytes */300000");
  EXPECT_EQ(c.get(k_base + "v1.10.0.zip", "Range: bytes=0-1,5-6\r\n").status, 200);
  EXPECT_EQ(c.ask("HEAD", k_base + "v1.10.0.zip", "Range: bytes=0-1\r\n").status, 200);
}

TEST_P(ServerTest, resume_with_if_range) {
  auto c = client();
  const auto etag = c.get(k_base + "v1.10.0.zip").header("etag");
  const std::string range = "Range: bytes=200000-\r\nIf-Range: ";
  EXPECT_EQ(c.get(k_base + "v1.10.0.zip", range + etag + "\r\n").status, 206);
  EXPECT_EQ(c.get(k_base + "v1.10.0.zip", range + "\"old\"\r\n").status, 200);
  put_version(*store_, "v1.10.0", 400);
  const auto replaced = c.get(k_base + "v1.10.0.zip", range + etag + "\r\n");
  EXPECT_EQ(replaced.status, 200);
  EXPECT_EQ(replaced.body, zip_of("v1.10.0", 400));
}

// Also where an answer given a moment ago could be given again.
TEST_P(ServerTest, answers_follow_the_store_at_once) {
  auto c = client();
  const auto target = k_base + "v1.10.0.zip";
  const auto key = std::string(k_module) + "v1.10.0.zip";
  const auto first = c.get(target);
  EXPECT_EQ(c.get(target).body, first.body);
  EXPECT_EQ(c.ask("HEAD", target).header("etag"), first.header("etag"));
  for (const std::size_t size : {std::size_t{100'000}, std::size_t{400}}) {
    put_version(*store_, "v1.10.0", size);
    EXPECT_EQ(c.get(target).body, zip_of("v1.10.0", size));
  }
  ASSERT_TRUE(store_->remove(key).has_value());
  EXPECT_EQ(c.get(target).status, 404);
  put_version(*store_, "v1.10.0");
  EXPECT_EQ(c.get(target).body, zip_of("v1.10.0", k_small));
  EXPECT_EQ(c.get(target, "Range: bytes=0-0\r\n").status, 206);
  EXPECT_EQ(c.get(target, "If-None-Match: *\r\n").status, 304);
}

// Whatever was given out a moment ago: each file is compared with its hash when it is another than before.
TEST_P(ServerTest, damage_is_never_given_out) {
  auto c = client();
  for (const std::string name : {"v1.10.0.zip", "v1.10.0.mod", "v1.10.0.info", "v1.11.0.mod"}) {
    SCOPED_TRACE(name);
    const auto key = std::string(k_module) + name;
    const auto good = store::read(*store_, key).value();
    EXPECT_EQ(c.get(k_base + name).body, good);
    flip_a_bit(*store_, key);
    for (int i = 0; i < 2; ++i) {
      const auto got = c.get(k_base + name);
      EXPECT_EQ(got.status, 500);
      EXPECT_NE(got.body.find("a.test/Mod@v1.1"), std::string::npos) << got.body;
      EXPECT_NE(got.body.find("damaged"), std::string::npos) << got.body;
      EXPECT_EQ(got.header("etag"), "");
    }
    EXPECT_EQ(c.ask("HEAD", k_base + name).status, 500);
    EXPECT_EQ(c.get(k_base + name, "Range: bytes=0-3\r\n").status, 500);
    ASSERT_TRUE(store_->put(key, as_bytes(good)).has_value());
    EXPECT_EQ(c.get(k_base + name).body, good);
  }
  const auto records = finished_records();
  const auto told = std::count_if(records.begin(), records.end(), [](const AccessRecord& record) {
    return record.status == 500 && record.error.find("a.test/Mod@v1.1") != std::string::npos;
  });
  EXPECT_EQ(told, 16);
}

TEST_P(ServerTest, damage_from_before_the_start) {
  flip_a_bit(*store_, std::string(k_module) + "v1.0.0.zip");
  ASSERT_TRUE(store_->remove(std::string(k_module) + "v1.11.0.modhash").has_value());
  auto c = client();
  EXPECT_EQ(c.get(k_base + "v1.0.0.zip").status, 500);
  EXPECT_EQ(c.get(k_base + "v1.11.0.mod").status, 404) << "nothing vouches for it";
  EXPECT_EQ(c.get(k_base + "v1.10.0.zip").status, 200);
}

// Fifty ask at once for what nobody has asked for before.
TEST_P(ServerTest, one_proof_for_all_who_wait) {
  put_version(*store_, "v1.20.0", k_large);
  std::vector<Client> clients;
  for (int i = 0; i < 50; ++i) clients.push_back(client());
  for (auto& c : clients) {
    ASSERT_TRUE(c.send("GET " + k_base + "v1.20.0.zip HTTP/1.1\r\nHost: h.test\r\nRange: bytes=0-9\r\n\r\n"));
  }
  for (auto& c : clients) EXPECT_EQ(c.read().value_or(Reply{}).body.size(), 10U);
}

// A store in which the bytes of one object do not come before the gate is opened.
class SlowStore final : public store::Store {
 public:
  SlowStore(store::Store& below, std::string slow) : below_(below), slow_(std::move(slow)) {}
  void open_gate() { gate_.count_down(); }

  Result<std::optional<store::ObjectInfo>> stat(std::string_view key) override { return below_.stat(key); }
  Result<std::unique_ptr<store::Blob>> open(std::string_view key) override {
    auto blob = TRY(below_.open(key));
    if (key != slow_) return blob;
    return std::unique_ptr<store::Blob>(std::make_unique<SlowBlob>(std::move(blob), gate_));
  }
  Result<std::unique_ptr<store::Upload>> create(std::string_view key) override { return below_.create(key); }
  Result<void> put(std::string_view key, Bytes data) override { return below_.put(key, data); }
  Result<void> remove(std::string_view key) override { return below_.remove(key); }
  Result<void> move(std::string_view from, std::string_view to) override { return below_.move(from, to); }
  Result<std::vector<store::Child>> list(std::string_view prefix) override { return below_.list(prefix); }
  Result<std::unique_ptr<store::WriteLock>> lock(std::string_view key) override { return below_.lock(key); }

 private:
  class SlowBlob final : public store::Blob {
   public:
    SlowBlob(std::unique_ptr<store::Blob> below, std::latch& gate) : below_(std::move(below)), gate_(gate) {}
    const store::ObjectInfo& info() const override { return below_->info(); }
    std::optional<int> fd() const override { return below_->fd(); }
    Result<Bytes> bytes() override {
      gate_.wait();
      return below_->bytes();
    }

   private:
    std::unique_ptr<store::Blob> below_;
    std::latch& gate_;
  };

  store::Store& below_;
  std::string slow_;
  std::latch gate_{1};
};

// One thread answers all: the large zip that is being read for its first client delays nobody else, neither
// those who get what was proven nor those who ask for small files.
TEST_P(ServerTest, a_proof_in_progress_delays_nobody) {
  SlowStore slow(*store_, std::string(k_module) + "v1.10.0.zip");
  auto server = Server::start(slow, options_);
  ASSERT_TRUE(server.has_value());
  server_ = *std::move(server);
  auto first = client();
  ASSERT_TRUE(first.send("GET " + k_base + "v1.10.0.zip HTTP/1.1\r\nHost: h.test\r\n\r\n"));
  auto c = client();
  for (const char* name : {"v1.0.0.zip", "v1.0.0.info", "v1.11.0.mod", "v1.0.0.zip", "list"}) {
    EXPECT_EQ(c.get(k_base + name).status, 200) << name;
  }
  slow.open_gate();
  EXPECT_EQ(first.read().value_or(Reply{}).body, zip_of("v1.10.0", k_middle));
  server_.reset();
}

// Those who wait for a proof are let go, and answered or cut, when the server ends.
TEST_P(ServerTest, ends_while_proofs_are_waited_for) {
  for (int i = 0; i < 8; ++i) put_version(*store_, "v1.20." + std::to_string(i), k_large);
  std::vector<Client> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(client());
    ASSERT_TRUE(clients.back().send("GET " + k_base + "v1.20." + std::to_string(i) +
                                    ".zip HTTP/1.1\r\nHost: h.test\r\nRange: bytes=0-9\r\n\r\n"));
  }
  EXPECT_EQ(clients.front().read().value_or(Reply{}).body.size(), 10U);
  server_.reset();
}

TEST_P(ServerTest, pipelined_requests_are_answered_in_order) {
  auto c = client();
  std::string requests;
  for (const char* target : {"v1.0.0.zip", "v9.9.9.zip", "v1.10.0.zip", "list"}) {
    requests += "GET " + k_base + target + " HTTP/1.1\r\nHost: h.test\r\n\r\n";
  }
  ASSERT_TRUE(c.send(requests));
  EXPECT_EQ(c.read().value_or(Reply{}).body, zip_of("v1.0.0", k_small));
  EXPECT_EQ(c.read().value_or(Reply{}).status, 404);
  EXPECT_EQ(c.read().value_or(Reply{}).body, zip_of("v1.10.0", k_middle));
  EXPECT_EQ(c.read().value_or(Reply{}).body, "v1.0.0\nv1.2.0-rc.1\nv1.10.0\n");
}

TEST_P(ServerTest, http10_closes_after_the_answer) {
  auto c = client();
  ASSERT_TRUE(c.send("GET /livez HTTP/1.0\r\n\r\n"));
  EXPECT_EQ(c.read().value_or(Reply{}).body, "ok\n");
  EXPECT_TRUE(c.ended());
  auto keeping = client();
  ASSERT_TRUE(keeping.send("GET /livez HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
  EXPECT_EQ(keeping.read().value_or(Reply{}).status, 200);
  EXPECT_EQ(keeping.get("/livez").status, 200);
}

TEST_P(ServerTest, connection_close_is_obeyed) {
  auto c = client();
  EXPECT_EQ(c.get("/livez", "Connection: close\r\n").status, 200);
  EXPECT_TRUE(c.ended());
}

TEST_P(ServerTest, absolute_form) {
  auto c = client();
  EXPECT_EQ(c.get("http://proxy.test" + k_base + "v1.0.0.mod").body, "module a.test/Mod\n");
}

TEST_P(ServerTest, access_records) {
  {
    auto c = client();
    c.get(k_base + "v1.0.0.zip");
    c.ask("HEAD", k_base + "v1.10.0.zip");
    c.get(k_base + "v1.10.0.zip?x=%0a", "Range: bytes=0-9\r\n");
    c.get("/nowhere");
    c.ask("POST", "/livez");
  }
  const auto records = finished_records();
  ASSERT_EQ(records.size(), 5U);
  struct Row {
    const char* method;
    std::string target;
    std::string_view route;
    unsigned status;
    std::uint64_t bytes;
  };
  const Row wanted[] = {{"GET", k_base + "v1.0.0.zip", "zip", 200, k_small},
                        {"HEAD", k_base + "v1.10.0.zip", "zip", 200, 0},
                        {"GET", k_base + "v1.10.0.zip?x=%0a", "zip", 206, 10},
                        {"GET", "/nowhere", "unknown", 404, records[3].bytes},
                        {"POST", "/livez", "unknown", 405, records[4].bytes}};
  for (std::size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(records[i].method, wanted[i].method);
    EXPECT_EQ(records[i].target, wanted[i].target);
    EXPECT_EQ(records[i].route, wanted[i].route);
    EXPECT_EQ(records[i].status, wanted[i].status);
    EXPECT_EQ(records[i].bytes, wanted[i].bytes);
    EXPECT_TRUE(records[i].complete);
    EXPECT_TRUE(records[i].remote.starts_with("127.0.0.1:"));
  }
}

TEST_P(ServerTest, begin_drain_turns_readiness_only) {
  auto c = client();
  EXPECT_EQ(c.get("/readyz").status, 200);
  server_->begin_drain();
  EXPECT_EQ(c.get("/readyz").status, 503);
  EXPECT_EQ(c.get("/livez").status, 200);
  EXPECT_EQ(c.get(k_base + "v1.0.0.zip").status, 200);
  EXPECT_TRUE(client().connected());
}

TEST_P(ServerTest, drain_closes_idle_connections_and_refuses_new_ones) {
  auto idle = client();
  EXPECT_EQ(idle.get("/livez").status, 200);
  auto silent = client();
  ASSERT_TRUE(silent.connected());
  const auto port = server_->port();
  EXPECT_TRUE(server_->drain(milliseconds(20'000)));
  EXPECT_TRUE(idle.ended());
  EXPECT_FALSE(Client(port).connected());
}

// Larger than any socket buffer, so that the answer is in flight until the client reads it.
TEST_P(ServerTest, drain_lets_answers_in_flight_end) {
  const auto large = zip_of("v1.20.0", k_large);
  put_version(*store_, "v1.20.0", k_large);
  auto c = client();
  ASSERT_TRUE(c.send("GET " + k_base + "v1.20.0.zip HTTP/1.1\r\nHost: h.test\r\n\r\n"));
  char first = 0;
  ASSERT_EQ(::recv(c.fd(), &first, 1, MSG_PEEK), 1);
  auto drained = std::async(std::launch::async, [&] { return server_->drain(milliseconds(20'000)); });
  const auto got = c.read();
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(got->body.size(), large.size());
  EXPECT_EQ(got->body, large);
  EXPECT_TRUE(c.ended());
  EXPECT_TRUE(drained.get());
}

TEST_P(ServerTest, drain_cuts_what_outlasts_it) {
  put_version(*store_, "v1.20.0", k_large);
  auto c = client();
  ASSERT_TRUE(c.send("GET " + k_base + "v1.20.0.zip HTTP/1.1\r\nHost: h.test\r\n\r\n"));
  char first = 0;
  ASSERT_EQ(::recv(c.fd(), &first, 1, MSG_PEEK), 1);
  EXPECT_EQ(server_->active(), 1U);
  EXPECT_FALSE(server_->drain(milliseconds(1)));
  EXPECT_FALSE(c.read().has_value());
  const std::lock_guard lock(mutex_);
  ASSERT_EQ(records_.size(), 1U);
  EXPECT_FALSE(records_[0].complete);
}

TEST_P(ServerTest, run_ends_with_its_stop_token) {
  std::stop_source stop;
  auto ran =
      std::async(std::launch::async, [&] { return server_->run(stop.get_token(), milliseconds(20'000)); });
  EXPECT_EQ(client().get("/readyz").status, 200);
  stop.request_stop();
  EXPECT_TRUE(ran.get());
  EXPECT_FALSE(client().connected());
}

TEST_P(ServerTest, many_clients_on_several_threads) {
  options_.threads = 4;
  start();
  std::vector<std::future<int>> clients;
  for (int i = 0; i < 16; ++i) {
    clients.push_back(std::async(std::launch::async, [&] {
      auto c = client();
      int good = 0;
      for (int round = 0; round < 20; ++round) {
        good += c.get(k_base + "v1.10.0.zip").body == zip_of("v1.10.0", k_middle) ? 1 : 0;
        good += c.get(k_base + "v1.0.0.zip").body == zip_of("v1.0.0", k_small) ? 1 : 0;
      }
      return good;
    }));
  }
  for (auto& one : clients) EXPECT_EQ(one.get(), 40);
}

TEST_P(ServerTest, takes_over_alistening_socket) {
  auto listener = listen_on("127.0.0.1:0").value();
  const auto port = listener.port;
  options_.listen_fd = listener.fd.release();
  start();
  EXPECT_EQ(server_->port(), port);
  EXPECT_EQ(Client(port).get("/livez").status, 200);
}

TEST(ServerStart, address_taken) {
  const auto store = store::make_memory_store();
  const auto first = Server::start(*store, {.listen = "127.0.0.1:0"});
  ASSERT_TRUE(first.has_value());
  const auto second = Server::start(*store, {.listen = "127.0.0.1:" + std::to_string((*first)->port())});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().kind(), Kind::unavailable);
}

TEST(ServerStart, ipv6_loopback) {
  const auto store = store::make_memory_store();
  const auto server = Server::start(*store, {.listen = "[::1]:0"});
  if (!server) GTEST_SKIP() << "no IPv6 here: " << server.error().message();
  EXPECT_EQ((*server)->url(), "http://[::1]:" + std::to_string((*server)->port()));
}

}  // namespace
}  // namespace larder::server
