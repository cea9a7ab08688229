// SPDX-License-Identifier: Apache-2.0
// What a hostile client can do: nothing that costs unbounded time or memory, or reaches outside the store's
// module files. No test waits for time to pass: it waits for the server to close.
#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "server/server.hpp"
#include "server/testing.hpp"
#include "store/disk/disk_store.hpp"
#include "sys/files.hpp"

namespace larder::server {
namespace {

using namespace testing_support;
using std::chrono::milliseconds;

class Hostile : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(sys::make_dirs(dir_.path() / "store").has_value());
    ASSERT_TRUE(sys::write_file(dir_.path() / "secret", as_bytes("secret")).has_value());
    ASSERT_TRUE(sys::write_file(dir_.path() / "secret.zip", as_bytes("secret")).has_value());
    store_ = store::open_disk_store(dir_.path() / "store", store::Access::read_write).value();
    fill(*store_);
    options_.listen = "127.0.0.1:0";
    options_.threads = 1;
    options_.on_access = [this](const AccessRecord& record) {
      const std::lock_guard lock(mutex_);
      records_.push_back(record);
    };
  }
  void start() {
    auto server = Server::start(*store_, options_);
    ASSERT_TRUE(server.has_value()) << server.error().message();
    server_ = *std::move(server);
  }
  Client client() { return Client(server_->port()); }
  // The first status that raw bytes are answered with; 0: closed without an answer.
  int status_of(std::string_view bytes) {
    auto c = client();
    c.send(bytes);
    return c.read().value_or(Reply{}).status;
  }
  // Also where the time limit is so short that a busy machine may miss it.
  void expect_alive() {
    int status = 0;
    for (int i = 0; status == 0 && i < 1000; ++i)
      status = status_of("GET /livez HTTP/1.1\r\nHost: h.test\r\n\r\n");
    EXPECT_EQ(status, 200);
  }

  sys::TempDir dir_ = sys::TempDir::create().value();
  std::unique_ptr<store::Store> store_;
  Options options_;
  std::mutex mutex_;
  std::vector<AccessRecord> records_;
  std::unique_ptr<Server> server_;
};

struct RawCase {
  const char* name;
  std::string request;
  std::vector<int> statuses;  // any of these
};

std::string get(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: h.test\r\n\r\n";
}

std::vector<RawCase> raw_cases() {
  const std::string nul(1, '\0');
  return {
      {"traversal", get("/../secret"), {400}},
      {"traversal_in_module", get("/a.test/../../../secret"), {400}},
      {"traversal_as_zip", get("/a.test/@v/../../../../secret.zip"), {400}},
      {"encoded_traversal", get("/%2e%2e/%2e%2e/secret"), {400}},
      {"encoded_slashes", get("/..%2f..%2fsecret"), {400}},
      {"encoded_slash_in_version", get("/a.test/@v/..%2f..%2f..%2fsecret.zip"), {400}},
      {"twice_encoded", get("/%252e%252e/secret"), {404}},
      {"overlong_utf8_slash", get("/..%c0%af..%c0%afsecret"), {404}},
      {"backslashes", get("/..\\..\\secret"), {404}},
      {"encoded_nul", get("/a.test/!mod/@v/v1.0.0.zip%00.info"), {400}},
      {"raw_nul", get("/../secret" + nul + "/@v/list"), {400}},
      {"raw_nul_after_a_good_name", get("/livez" + nul + "x"), {400}},
      {"raw_nul_at_the_end", get("/livez" + nul), {400}},
      {"raw_nul_and_a_version", get("/livez" + nul + "HTTP/1.1"), {400}},
      {"raw_nul_alone", get("/" + nul), {400}},
      {"encoded_nul_alone", get("/%00"), {400}},
      {"absolute_path_as_module", get("//etc/@v/passwd.zip"), {404}},
      {"host_in_absolute_form", get("http://h.test/../secret"), {400}},
      {"store_internals", get("/larder/format"), {404}},
      {"store_prefix", get("/go/a.test/!mod/@v/v1.0.0.zip"), {404}},
      {"temp_files", get("/a.test/!mod/@v/v1.0.0.zip123.tmp"), {404}},
      {"bad_escape", get("/%zz"), {400}},
      {"asterisk", "OPTIONS * HTTP/1.1\r\nHost: h.test\r\n\r\n", {405}},
      {"asterisk_get", get("*"), {400}},
      {"connect", "CONNECT h.test:443 HTTP/1.1\r\nHost: h.test\r\n\r\n", {405}},
      {"no_host", "GET /livez HTTP/1.1\r\n\r\n", {400}},
      {"space_in_target", get("/livez x"), {0, 400}},
      {"no_version", "GET /livez\r\n\r\n", {0, 200, 400, 505}},
      {"http_2_text", "GET /livez HTTP/2.0\r\nHost: h.test\r\n\r\n", {0, 400, 505}},
      {"http_2_preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {0, 400, 405, 505}},
      {"no_words", "\x16\x03\x01\x02\r\n\r\n", {0, 400}},
      {"only_line_breaks", std::string(5000, '\n'), {0, 400}},
      {"header_without_colon", "GET /livez HTTP/1.1\r\nHost: h.test\r\nx\r\n\r\n", {0, 400}},
      {"negative_length", "GET /livez HTTP/1.1\r\nHost: h.test\r\nContent-Length: -1\r\n\r\n", {0, 400}},
      {"huge_length",
       "GET /livez HTTP/1.1\r\nHost: h.test\r\nContent-Length: 99999999999999999999999\r\n\r\n",
       {0, 400, 413}},
      {"body_with_get", "GET /livez HTTP/1.1\r\nHost: h.test\r\nContent-Length: 5\r\n\r\nhello", {200}},
      {"long_path", get("/" + std::string(100'000, 'a')), {0, 414}},
      {"long_path_within_the_limit", get("/" + std::string(6'000, 'a')), {404}},
      {"long_module_within_the_limit", get("/" + std::string(5'000, 'a') + "/@v/list"), {404}},
      {"many_escapes", get("/" + std::string(3'000, '%')), {400}},
  };
}

class RawRequest : public Hostile, public testing::WithParamInterface<RawCase> {};

TEST_P(RawRequest, is_refused) {
  const auto& statuses = GetParam().statuses;
  const auto allowed = [&](int status) {
    return std::find(statuses.begin(), statuses.end(), status) != statuses.end();
  };
  // The server may wait for more of what it cannot make out.
  if (allowed(0)) options_.limits.request_time = milliseconds(20);
  start();
  auto c = client();
  c.send(GetParam().request);
  const auto reply = c.read().value_or(Reply{});
  EXPECT_TRUE(allowed(reply.status)) << reply.status << " " << reply.body;
  EXPECT_EQ(reply.body.find("secret\n"), std::string::npos);
  EXPECT_NE(reply.body, "secret");
  expect_alive();
}

INSTANTIATE_TEST_SUITE_P(Table, RawRequest, testing::ValuesIn(raw_cases()),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(Hostile, too_many_headers) {
  start();
  std::string request = "GET /livez HTTP/1.1\r\nHost: h.test\r\n";
  for (int i = 0; i < 20'000; ++i) request += "X-" + std::to_string(i) + ": y\r\n";
  const auto status = status_of(request + "\r\n");
  EXPECT_TRUE(status == 431 || status == 0) << status;
  expect_alive();
}

TEST_F(Hostile, one_long_header) {
  start();
  const auto status =
      status_of("GET /livez HTTP/1.1\r\nHost: h.test\r\nX: " + std::string(100'000, 'y') + "\r\n\r\n");
  EXPECT_TRUE(status == 431 || status == 0) << status;
  expect_alive();
}

TEST_F(Hostile, header_that_never_ends) {
  start();
  auto c = client();
  c.send("GET /livez HTTP/1.1\r\nHost: h.test\r\nX: ");
  const std::string block(1000, 'y');
  bool open = true;
  for (int i = 0; open && i < 100'000; ++i) open = c.send(block);
  EXPECT_FALSE(open);
  expect_alive();
}

TEST_F(Hostile, bodies_are_not_read) {
  start();
  auto c = client();
  ASSERT_TRUE(c.send("POST /livez HTTP/1.1\r\nHost: h.test\r\nContent-Length: 1000000000000\r\n\r\n"));
  EXPECT_EQ(c.read().value_or(Reply{}).status, 405);
  EXPECT_TRUE(c.ended());
}

// What follows a body that was not read must never be taken for a request.
TEST_F(Hostile, bodies_are_not_requests) {
  start();
  for (const char* framing : {"Content-Length: 45\r\n", "Transfer-Encoding: chunked\r\n"}) {
    auto c = client();
    ASSERT_TRUE(c.send("GET /livez HTTP/1.1\r\nHost: h.test\r\n" + std::string(framing) +
                       "\r\n0\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: h.test\r\n\r\n"));
    c.read();
    const auto second = c.read();
    EXPECT_FALSE(second.has_value()) << framing << second.value_or(Reply{}).status;
  }
}

TEST_F(Hostile, silent_client_is_cut) {
  options_.limits.request_time = milliseconds(20);
  start();
  auto c = client();
  EXPECT_TRUE(c.ended());
}

TEST_F(Hostile, half_request_is_cut) {
  options_.limits.request_time = milliseconds(20);
  start();
  auto c = client();
  ASSERT_TRUE(c.send("GET /livez HTTP/1.1\r\nHost: "));
  EXPECT_FALSE(c.read().has_value());
}

// One byte at a time keeps every limit between two bytes happy, not the one over all of them.
TEST_F(Hostile, dripping_client_is_cut) {
  options_.limits.request_time = milliseconds(20);
  start();
  auto c = client();
  bool open = c.send("GET /livez HTTP/1.1\r\nX: ");
  for (long i = 0; open && i < 100'000'000; ++i) {
    char end = 0;
    open = ::recv(c.fd(), &end, 1, MSG_DONTWAIT) != 0 && (i % 100'000 != 0 || c.send("y"));
  }
  EXPECT_FALSE(open);
}

// Idle connections may wait longer than half a request.
TEST_F(Hostile, half_request_after_a_whole_one_is_cut) {
  options_.limits.request_time = milliseconds(200);
  options_.limits.idle_time = std::chrono::hours(1);
  start();
  auto c = client();
  ASSERT_EQ(c.get("/livez").status, 200);
  ASSERT_TRUE(c.send("GET /livez HTTP/1.1\r\nHost: "));
  EXPECT_FALSE(c.read().has_value());
}

TEST_F(Hostile, idle_keep_alive_is_cut) {
  options_.limits.idle_time = milliseconds(20);
  start();
  auto c = client();
  if (c.send("GET /livez HTTP/1.1\r\nHost: h.test\r\n\r\n")) c.read();
  EXPECT_TRUE(c.ended());
}

TEST_F(Hostile, client_that_never_reads_is_cut) {
  put_version(*store_, "v1.20.0", k_large);
  options_.limits.answer_time = milliseconds(20);
  options_.limits.min_bytes_per_second = 1U << 30U;
  start();
  auto c = client();
  ASSERT_TRUE(c.send(get("/a.test/!mod/@v/v1.20.0.zip")));
  char first = 0;
  ASSERT_EQ(::recv(c.fd(), &first, 1, MSG_PEEK), 1);
  EXPECT_TRUE(server_->drain(milliseconds(20'000)));
  const std::lock_guard lock(mutex_);
  ASSERT_EQ(records_.size(), 1U);
  EXPECT_FALSE(records_[0].complete);
  EXPECT_EQ(records_[0].route, "zip");
}

TEST_F(Hostile, aborted_downloads_do_no_harm) {
  put_version(*store_, "v1.20.0", k_large);
  start();
  for (int i = 0; i < 20; ++i) {
    auto c = client();
    ASSERT_TRUE(c.send(get("/a.test/!mod/@v/v1.20.0.zip")));
    char first = 0;
    ASSERT_EQ(::recv(c.fd(), &first, 1, 0), 1);
    const linger hard{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(c.fd(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  }
  expect_alive();
  EXPECT_TRUE(server_->drain(milliseconds(20'000)));
  EXPECT_EQ(server_->active(), 0U);
}

TEST_F(Hostile, more_connections_than_allowed_wait) {
  options_.limits.connections = 2;
  start();
  auto first = client();
  auto second = client();
  EXPECT_EQ(first.get("/livez").status, 200);
  EXPECT_EQ(second.get("/livez").status, 200);
  auto third = client();
  ASSERT_TRUE(third.connected());
  ASSERT_TRUE(third.send(get("/livez")));
  first.close();
  EXPECT_EQ(third.read().value_or(Reply{}).status, 200);
}

TEST_F(Hostile, connections_of_one_address) {
  options_.limits.connections_per_address = 1;
  start();
  auto first = client();
  EXPECT_EQ(first.get("/livez").status, 200);
  auto second = client();
  second.send(get("/livez"));
  EXPECT_FALSE(second.read().has_value());
  EXPECT_EQ(first.get("/livez").status, 200);
}

TEST_F(Hostile, property_any_bytes) {
  options_.limits.request_time = milliseconds(10);
  options_.limits.idle_time = milliseconds(10);
  start();
  const std::vector<std::string> pieces = {"GET ",
                                           "HEAD ",
                                           "/a.test/!mod/@v/v1.0.0.zip",
                                           "/../",
                                           "%00",
                                           "%",
                                           " HTTP/1.1",
                                           "\r\n",
                                           "\n",
                                           "\r\n\r\n",
                                           "Host: h.test",
                                           ": ",
                                           "Content-Length: 3",
                                           "Transfer-Encoding: chunked",
                                           std::string(1, '\0'),
                                           "\xff\xfe",
                                           " ",
                                           "Range: bytes=0-",
                                           "?"};
  rc::check([&] {
    const auto chosen = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces));
    std::string bytes = "GET /";
    for (const auto& piece : chosen) bytes += piece;
    const auto status = status_of(bytes);
    RC_ASSERT(status == 0 || (status >= 200 && status < 600));
  });
  expect_alive();
}

}  // namespace
}  // namespace larder::server
