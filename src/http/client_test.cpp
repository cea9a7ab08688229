// SPDX-License-Identifier: Apache-2.0
#include "http/client.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "http/test_server.hpp"

namespace larder::http {
namespace {

using Then = TestReply::Then;

// Short enough that what must time out does so at once; long enough that nothing else does.
Options quick() {
  Options options;
  options.retry.base = Millis(1);
  options.retry.cap = Millis(2);
  options.timeouts.idle = Millis(20'000);
  return options;
}

Options impatient() {
  Options options = quick();
  options.timeouts.idle = Millis(100);
  return options;
}

Request to(std::string url) {
  Request request;
  request.url = std::move(url);
  return request;
}

TEST(Client, gives_status_headers_and_body) {
  TestServer server(
      [](const TestRequest&) { return reply(200, "hello", "X-One:  a b \r\nContent-Type: text/plain\r\n"); });
  const Client client(quick());
  const auto answer = client.get(to(server.url("/x?y=1#part")), {});
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(answer->status_line(), "200 Status");
  EXPECT_EQ(answer->body, "hello");
  EXPECT_EQ(answer->body_bytes, 5U);
  EXPECT_EQ(answer->header("x-one"), "a b");
  EXPECT_EQ(answer->attempts, 1U);
  EXPECT_EQ(server.requests().at(0).target, "/x?y=1");
  EXPECT_EQ(server.requests().at(0).header("user-agent"), "larder");
}

TEST(Client, reuses_a_connection) {
  TestServer server([](const TestRequest&) { return reply(200, "x"); });
  const Client client(quick());
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(client.get(to(server.url("/")), {}));
  EXPECT_EQ(server.connections(), 1U);
}

TEST(Client, sends_conditional_headers_and_returns_304) {
  TestServer server([](const TestRequest& r) {
    return r.header("if-none-match") == "\"v1\"" ? reply(304, "", "ETag: \"v1\"\r\n") : reply(500, "");
  });
  const Client client(quick());
  Request request = to(server.url("/"));
  request.headers = {{"If-None-Match", "\"v1\""}};
  const auto answer = client.get(request, {});
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(answer->status, 304);
}

struct StatusCase {
  int status;
  std::size_t requests;
};
class Statuses : public testing::TestWithParam<StatusCase> {};
TEST_P(Statuses, are_retried_or_not) {
  const auto param = GetParam();
  TestServer server([&](const TestRequest&) { return reply(param.status, "why"); });
  const Client client(quick());
  const auto answer = client.get(to(server.url("/")), {});
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(answer->status, param.status);
  EXPECT_EQ(answer->body, "why");
  EXPECT_EQ(server.requests().size(), param.requests);
}
INSTANTIATE_TEST_SUITE_P(Client, Statuses,
                         testing::Values(StatusCase{404, 1}, StatusCase{410, 1}, StatusCase{403, 1},
                                         StatusCase{401, 1}, StatusCase{206, 1}, StatusCase{429, 4},
                                         StatusCase{500, 4}, StatusCase{502, 4}, StatusCase{503, 4}));

TEST(Client, recovers_after_busy_answers) {
  TestServer server([](const TestRequest& r) {
    return r.number < 2 ? reply(503, "busy", "Retry-After: 0\r\n") : reply(200, "good");
  });
  const Client client(quick());
  const auto answer = client.get(to(server.url("/")), {});
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(answer->body, "good");
  EXPECT_EQ(answer->attempts, 3U);
}

TEST(Client, gives_up_when_told_to_come_back_in_a_day) {
  TestServer server([](const TestRequest&) { return reply(503, "", "Retry-After: 86400\r\n"); });
  const Client client(quick());
  ASSERT_TRUE(client.get(to(server.url("/")), {}));
  EXPECT_EQ(server.requests().size(), 1U);
}

// A body of which each connection gives only a part, on the given terms.
TestReply part_of(const std::string& body, const TestRequest& request, std::size_t piece,
                  std::string_view validator) {
  std::size_t from = 0;
  const std::string range = request.header("range");
  const std::string condition = request.header("if-range");
  const bool rest = !range.empty() && !condition.empty() && validator.find(condition) != std::string::npos;
  if (rest) from = parse_uint(split(split(range, '=').at(1), '-').at(0)).value_or(0);
  std::string head = rest ? "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " + std::to_string(from) +
                                "-" + std::to_string(body.size() - 1) + "/" + std::to_string(body.size()) +
                                "\r\n"
                          : "HTTP/1.1 200 OK\r\n";
  head += "Content-Length: " + std::to_string(body.size() - from) + "\r\n" + std::string(validator) + "\r\n";
  return {head + body.substr(from, piece), from + piece >= body.size() ? Then::keep : Then::close};
}

std::string long_body() {
  std::string body;
  for (int i = 0; body.size() < 50'000; ++i) body += std::to_string(i) + ",";
  return body;
}

struct ResumeCase {
  const char* name;
  const char* validator;
  bool continues;
};
class Resume : public testing::TestWithParam<ResumeCase> {};
TEST_P(Resume, of_a_cut_transfer) {
  const std::string body = long_body();
  TestServer server([&](const TestRequest& r) { return part_of(body, r, 20'000, GetParam().validator); });
  const Client client(quick());
  const auto answer = client.get(to(server.url("/")), {});
  if (!GetParam().continues) {
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind(), Kind::unavailable);
    EXPECT_EQ(answer.error().message(), "Get \"" + server.url("/") + "\": unexpected EOF");
    EXPECT_EQ(server.requests().size(), 4U);
    return;
  }
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(answer->body, body);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(server.requests().size(), 3U);
}
INSTANTIATE_TEST_SUITE_P(
    Client, Resume,
    testing::Values(ResumeCase{"strong_etag", "ETag: \"abc\"\r\n", true},
                    ResumeCase{"last_modified", "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n", true},
                    ResumeCase{"weak_etag", "ETag: W/\"abc\"\r\n", false}, ResumeCase{"nothing", "", false},
                    ResumeCase{"encoded", "ETag: \"abc\"\r\nContent-Encoding: gzip\r\n", false}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(Client, begins_anew_when_the_content_changed_meanwhile) {
  const std::string old_body(30'000, 'o');
  const std::string new_body(30'000, 'n');
  TestServer server([&](const TestRequest& r) {
    return r.number == 0 ? part_of(old_body, r, 10'000, "ETag: \"1\"\r\n")
                         : part_of(new_body, r, 30'000, "ETag: \"2\"\r\n");
  });
  const Client client(quick());
  const auto answer = client.get(to(server.url("/")), {});
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(answer->body, new_body);
  EXPECT_EQ(server.requests().at(1).header("range"), "bytes=10000-");
}

TEST(Client, begins_anew_when_the_server_continues_elsewhere) {
  const std::string body = long_body();
  TestServer server([&](const TestRequest& r) -> TestReply {
    if (r.number != 1) return part_of(body, r, r.number == 0 ? 10'000 : body.size(), "ETag: \"1\"\r\n");
    return {
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 5-9/50000\r\nContent-Length: 5\r\n\r\nabcde"};
  });
  const Client client(quick());
  const auto answer = client.get(to(server.url("/")), {});
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(answer->body, body);
  EXPECT_EQ(server.requests().at(2).header("range"), "");
}

TEST(Client, begins_anew_after_416) {
  const std::string body = long_body();
  TestServer server([&](const TestRequest& r) {
    return r.number == 1 ? reply(416, "")
                         : part_of(body, r, r.number == 0 ? 10'000 : body.size(), "ETag: \"1\"\r\n");
  });
  const Client client(quick());
  const auto answer = client.get(to(server.url("/")), {});
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(answer->body, body);
}

TEST(Client, bounds_the_number_of_continuations) {
  const std::string body = long_body();
  Options options = quick();
  options.retry.resumes = 5;
  TestServer server([&](const TestRequest& r) { return part_of(body, r, 100, "ETag: \"1\"\r\n"); });
  const Client client(options);
  EXPECT_FALSE(client.get(to(server.url("/")), {}));
  EXPECT_EQ(server.requests().size(), 6U);
}

TEST(Client, follows_redirects_and_counts_them) {
  TestServer server([](const TestRequest& r) {
    const auto n = parse_uint(r.target.substr(1)).value_or(0);
    return n == 0 ? reply(200, "end") : reply(302, "moved", "Location: " + std::to_string(n - 1) + "\r\n");
  });
  const Client client(quick());
  const auto near = client.get(to(server.url("/9")), {});
  ASSERT_TRUE(near) << near.error().message();
  EXPECT_EQ(near->body, "end");
  EXPECT_EQ(near->url, server.url("/0"));
  const auto far = client.get(to(server.url("/10")), {});
  ASSERT_FALSE(far);
  EXPECT_EQ(far.error().kind(), Kind::invalid);
  EXPECT_EQ(far.error().message(), "Get \"0\": stopped after 10 redirects");
}

TEST(Client, refuses_strange_redirects) {
  TestServer server([](const TestRequest&) { return reply(302, "", "Location: file:///etc/passwd\r\n"); });
  const Client client(quick());
  const auto answer = client.get(to(server.url("/")), {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message(), "Get \"file:///etc/passwd\": unsupported protocol scheme \"file\"");
}

TEST(Client, a_redirect_without_location_is_an_answer) {
  TestServer server([](const TestRequest&) { return reply(302, "nowhere"); });
  const Client client(quick());
  const auto answer = client.get(to(server.url("/")), {});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 302);
}

TEST(Client, keeps_credentials_off_http) {
  TestServer server([](const TestRequest&) { return reply(200, ""); });
  const Client client(quick());
  const auto by_url = client.get(to("http://me:secret@127.0.0.1:9/x"), {});
  ASSERT_FALSE(by_url);
  EXPECT_EQ(by_url.error().kind(), Kind::forbidden);
  EXPECT_EQ(by_url.error().message(),
            "refusing to pass credentials to insecure URL: http://me:xxxxx@127.0.0.1:9/x");
  Request request = to(server.url("/"));
  request.auth = BasicAuth{"me", "secret"};
  EXPECT_FALSE(client.get(request, {}));
  EXPECT_TRUE(server.requests().empty());
}

// Says what it was asked.
class Witness final : public Credentials {
 public:
  Result<Headers> headers_for(const std::string& url, std::stop_token /*stop*/) override {
    asked.push_back(url);
    return Headers{{"Authorization", "Bearer secret"}};
  }
  Result<std::optional<Headers>> after_refusal(const std::string& url, const Headers& /*sent*/,
                                               const Refusal& /*refusal*/,
                                               std::stop_token /*stop*/) override {
    asked.push_back(url);
    return std::optional<Headers>();
  }
  void settled(const std::string& url, const Headers& /*sent*/, int /*status*/) override {
    asked.push_back(url);
  }
  std::vector<std::string> asked;
};

TEST(Client, asks_for_credentials_for_https_alone) {
  TestServer server([](const TestRequest&) { return reply(401, ""); });
  auto witness = std::make_shared<Witness>();
  Options options = quick();
  options.credentials = witness;
  const Client client(options);
  EXPECT_EQ(client.get(to(server.url("/")), {}).value().status, 401);
  EXPECT_TRUE(witness->asked.empty());
  ASSERT_EQ(server.requests().size(), 1U);
  EXPECT_EQ(server.requests().at(0).header("authorization"), "");
  // Nobody listens there; what counts is who is asked.
  EXPECT_FALSE(client.get(to("https://me:x@127.0.0.1:1/"), {}));
  EXPECT_TRUE(witness->asked.empty());
  EXPECT_FALSE(client.get(to("https://127.0.0.1:1/a?b"), {}));
  EXPECT_EQ(witness->asked, std::vector<std::string>{"https://127.0.0.1:1/a?b"});
}

TEST(Client, bounds_the_body) {
  const std::string announced = "HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\nxxxx";
  const std::string unannounced = "HTTP/1.1 200 OK\r\n\r\n";
  TestServer server([&](const TestRequest& r) -> TestReply {
    if (r.target == "/announced") return {announced, Then::hold};
    return {unannounced, Then::repeat, std::string(65536, 'x')};
  });
  const Client client(quick());
  for (const auto* target : {"/announced", "/endless"}) {
    Request request = to(server.url(target));
    request.body_limit = 1'000'000;
    const auto plain = client.get(request, {});
    ASSERT_FALSE(plain);
    EXPECT_EQ(plain.error().kind(), Kind::invalid);
    EXPECT_EQ(plain.error().message(),
              "reading " + server.url(target) + ": response body too large (limit 1000000 bytes)");
    request.too_large = "downloaded zip file too large";
    EXPECT_EQ(client.get(request, {}).error().message(), "downloaded zip file too large");
  }
  EXPECT_EQ(server.requests().size(), 4U);
}

TEST(Client, a_body_of_exactly_the_limit_is_fine) {
  TestServer server([&](const TestRequest&) { return reply(200, "12345"); });
  const Client client(quick());
  Request request = to(server.url("/"));
  request.body_limit = 5;
  EXPECT_TRUE(client.get(request, {}));
  request.body_limit = 4;
  EXPECT_FALSE(client.get(request, {}));
}

TEST(Client, keeps_little_of_an_endless_error_page) {
  TestServer server([&](const TestRequest&) -> TestReply {
    return {"HTTP/1.1 404 Not Found\r\n\r\n", Then::repeat, std::string(65536, 'x')};
  });
  const Client client(quick());
  const auto answer = client.get(to(server.url("/")), {});
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(answer->status, 404);
  EXPECT_EQ(answer->body.size(), 16384U);
}

TEST(Client, bounds_the_headers) {
  TestServer server([&](const TestRequest&) -> TestReply {
    return {"HTTP/1.1 200 OK\r\n", Then::repeat, "X-Pad: " + std::string(1000, 'x') + "\r\n"};
  });
  const Client client(quick());
  const auto answer = client.get(to(server.url("/")), {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message(), "Get \"" + server.url("/") + "\": response headers too large");
}

TEST(Client, a_black_hole_costs_one_timeout_and_is_then_left_alone) {
  TestServer server([&](const TestRequest&) -> TestReply { return {"", Then::hold}; });
  const Client client(impatient());
  for (int i = 0; i < 3; ++i) {
    const auto answer = client.get(to(server.url("/")), {});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind(), Kind::unavailable);
    EXPECT_EQ(answer.error().message(), "Get \"" + server.url("/") + "\": i/o timeout");
  }
  EXPECT_EQ(server.requests().size(), 3U);
  const auto answer = client.get(to(server.url("/")), {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message(), "Get \"" + server.url("/") + "\": not asked: " + server.url() +
                                          " gave no answer to the last 3 requests");
  EXPECT_EQ(server.requests().size(), 3U);
}

TEST(Client, a_stalled_body_is_continued) {
  const std::string body = long_body();
  TestServer server([&](const TestRequest& r) {
    TestReply answer = part_of(body, r, r.number == 0 ? 10'000 : body.size(), "ETag: \"1\"\r\n");
    if (r.number == 0) answer.then = Then::hold;
    return answer;
  });
  const Client client(impatient());
  const auto answer = client.get(to(server.url("/")), {});
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(answer->body, body);
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST(Client, the_total_time_is_a_bound) {
  Options options = quick();
  options.timeouts.total = Millis(100);
  TestServer server(
      [&](const TestRequest&) -> TestReply { return {"HTTP/1.1 200 OK\r\n\r\nabc", Then::hold}; });
  const Client client(options);
  const auto answer = client.get(to(server.url("/")), {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind(), Kind::unavailable);
  EXPECT_EQ(answer.error().message(), "Get \"" + server.url("/") + "\": not finished after 0.1 s");
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST(Client, a_stop_ends_a_transfer_at_once) {
  std::stop_source stop;
  TestServer server([&](const TestRequest&) -> TestReply {
    stop.request_stop();
    return {"", Then::hold};
  });
  const Client client(quick());
  const auto answer = client.get(to(server.url("/")), stop.get_token());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind(), Kind::cancelled);
}

TEST(Client, a_stop_ends_a_pause_at_once) {
  Options options = quick();
  options.retry.base = Millis(60'000);
  options.retry.cap = Millis(60'000);
  std::stop_source stop;
  options.trace = [&](const Trace& t) {
    if (t.status == 503) stop.request_stop();
  };
  TestServer server([&](const TestRequest&) { return reply(503, ""); });
  const Client client(options);
  const auto answer = client.get(to(server.url("/")), stop.get_token());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind(), Kind::cancelled);
}

TEST(Client, a_refused_connection_names_the_reason) {
  std::string url;
  {
    TestServer server([](const TestRequest&) { return reply(200, ""); });
    url = server.url("/");
  }
  const Client client(quick());
  const auto answer = client.get(to(url), {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind(), Kind::unavailable);
  EXPECT_EQ(answer.error().message(), "Get \"" + url + "\": dial tcp " + url.substr(7, url.size() - 8) +
                                          ": connect: connection refused");
}

TEST(Client, garbage_is_not_an_answer) {
  TestServer server([](const TestRequest&) -> TestReply { return {"SSH-2.0-OpenSSH\r\n", Then::close}; });
  const Client client(quick());
  const auto answer = client.get(to(server.url("/")), {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind(), Kind::unavailable);
}

class FailingSink final : public ByteSink {
 public:
  Result<void> write(Bytes) override { return fail(Kind::io, "disk full"); }
  Result<void> restart() override { return {}; }
};

TEST(Client, hands_a_sinks_error_through) {
  TestServer server([](const TestRequest&) { return reply(200, "x"); });
  const Client client(quick());
  FailingSink sink;
  Request request = to(server.url("/"));
  request.sink = &sink;
  EXPECT_EQ(client.get(request, {}).error(), Error(Kind::io, "disk full"));
}

// Counts and compares; holds the first write until released, so that the transfer has to pause.
class SlowSink final : public ByteSink {
 public:
  explicit SlowSink(const std::atomic<bool>& other_done) : other_done_(other_done) {}
  Result<void> write(Bytes data) override {
    while (!other_done_) std::this_thread::yield();
    bytes_ += data.size();
    return {};
  }
  Result<void> restart() override { return {}; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  const std::atomic<bool>& other_done_;
  std::uint64_t bytes_ = 0;
};

TEST(Client, a_slow_sink_delays_nobody_else) {
  const std::string big(20'000'000, 'b');
  TestServer server(
      [&](const TestRequest& r) { return r.target == "/big" ? reply(200, big) : reply(200, "small"); });
  const Client client(quick());
  std::atomic<bool> other_done = false;
  SlowSink sink(other_done);
  Result<Response> answer = fail(Kind::internal, "not asked");
  std::thread slow([&] {
    Request request = to(server.url("/big"));
    request.body_limit = big.size();
    request.sink = &sink;
    answer = client.get(request, {});
  });
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(client.get(to(server.url("/small")), {}));
  other_done = true;
  slow.join();
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(sink.bytes(), big.size());
}

TEST(Client, many_threads_share_a_few_connections) {
  TestServer server([](const TestRequest& r) { return reply(200, r.target); });
  Options options = quick();
  options.connections_per_host = 2;
  const Client client(options);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        const std::string target = "/" + std::to_string(t) + "." + std::to_string(i);
        const auto answer = client.get(to(server.url(target)), {});
        if (!answer || answer->body != target) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_LE(server.connections(), 2U);
}

// --- many at once ---

std::vector<Request> to_all(const TestServer& server, std::size_t count) {
  std::vector<Request> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(to(server.url("/" + std::to_string(i))));
  return out;
}

std::string text_of(const Result<Response>& answer) {
  return answer ? std::to_string(answer->status) + " " + answer->body : answer.error().message();
}

TEST(Client, many_answers_come_in_the_order_of_their_requests) {
  TestServer server([](const TestRequest& r) { return reply(200, r.target); });
  Options options = quick();
  options.connections_per_host = 8;
  const Client client(options);
  const auto requests = to_all(server, 100);
  const auto answers = client.get_all(requests, {});
  ASSERT_EQ(answers.size(), 100U);
  for (std::size_t i = 0; i < answers.size(); ++i)
    EXPECT_EQ(text_of(answers[i]), "200 /" + std::to_string(i));
  EXPECT_EQ(server.requests().size(), 100U);
  EXPECT_LE(server.connections(), 4U) << "half of the host's places stay for others";
  EXPECT_TRUE(client.get_all({}, {}).empty());
}

// Each is what get() makes of it.
TEST(Client, many_answers_of_all_kinds) {
  std::atomic<int> busy = 0;
  TestServer server([&](const TestRequest& r) -> TestReply {
    if (r.target == "/0") return reply(404, "none");
    if (r.target == "/1") return reply(302, "", "Location: /elsewhere\r\n");
    if (r.target == "/2" && busy++ < 2) return reply(503, "busy");
    if (r.target == "/3") return reply(200, std::string(1001, 'x'));
    if (r.target == "/4") return reply(404, std::string(100'000, 'x'));
    if (r.target == "/5") return {"HTTP/1.1 200 OK\r\n\r\n" + std::string(1'000'000, 'x'), Then::repeat, "x"};
    return reply(200, r.target);
  });
  const Client client(quick());
  auto requests = to_all(server, 40);
  for (auto& request : requests) request.body_limit = 1000;
  const auto answers = client.get_all(requests, {});
  EXPECT_EQ(text_of(answers[0]), "404 none");
  EXPECT_EQ(text_of(answers[1]), "200 /elsewhere");
  EXPECT_EQ(text_of(answers[2]), "200 /2");
  EXPECT_EQ(answers[2]->attempts, 3U);
  const auto too_large = "reading " + server.url("/3") + ": response body too large (limit 1000 bytes)";
  EXPECT_EQ(text_of(answers[3]), too_large);
  EXPECT_EQ(answers[4]->status, 404);
  EXPECT_LE(answers[4]->body.size(), 16U << 10U);
  EXPECT_EQ(text_of(answers[5]),
            "reading " + server.url("/5") + ": response body too large (limit 1000 bytes)");
  for (std::size_t i = 6; i < 40; ++i) EXPECT_EQ(text_of(answers[i]), "200 /" + std::to_string(i));
}

TEST(Client, many_cut_answers_are_asked_for_again) {
  std::mutex mutex;
  std::map<std::string, int> tries;
  TestServer server([&](const TestRequest& r) -> TestReply {
    const std::lock_guard lock(mutex);
    if (tries[r.target]++ == 0) return {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", Then::close};
    return reply(200, "0123456789");
  });
  const Client client(quick());
  const auto requests = to_all(server, 30);
  const auto answers = client.get_all(requests, {});
  ASSERT_EQ(answers.size(), 30U);
  for (const auto& answer : answers) EXPECT_EQ(text_of(answer), "200 0123456789");
}

TEST(Client, of_a_black_hole_no_more_is_asked_than_was_begun) {
  TestServer server([&](const TestRequest&) -> TestReply { return {"", Then::hold}; });
  Options options = impatient();
  options.connections_per_host = 4;
  const Client client(options);
  const auto requests = to_all(server, 100);
  const auto answers = client.get_all(requests, {});
  ASSERT_EQ(answers.size(), 100U);
  EXPECT_EQ(text_of(answers[0]), "Get \"" + server.url("/0") + "\": i/o timeout");
  for (std::size_t i = 1; i < answers.size(); ++i) {
    EXPECT_EQ(text_of(answers[i]), "Get \"" + server.url("/1") + "\": i/o timeout")
        << "the one that was asked";
  }
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST(Client, of_a_host_that_refuses_no_more_is_asked_than_was_begun) {
  std::vector<Request> requests;
  {
    const TestServer server([](const TestRequest&) { return reply(200, ""); });
    requests = to_all(server, 50);
  }
  std::atomic<int> asked = 0;
  Options options = quick();
  options.connections_per_host = 4;
  options.trace = [&](const Trace& t) { asked += t.begins ? 0 : 1; };
  const Client client(options);
  const auto answers = client.get_all(requests, {});
  ASSERT_EQ(answers.size(), 50U);
  for (const auto& answer : answers) {
    EXPECT_TRUE(text_of(answer).ends_with(": connect: connection refused")) << text_of(answer);
  }
  EXPECT_LE(asked, 2 * static_cast<int>(options.retry.attempts));
}

TEST(Client, many_of_a_busy_host_are_not_all_asked_again_and_again) {
  TestServer server([](const TestRequest&) { return reply(500, "busy"); });
  Options options = quick();
  options.connections_per_host = 4;
  const Client client(options);
  const auto requests = to_all(server, 100);
  const auto answers = client.get_all(requests, {});
  ASSERT_EQ(answers.size(), 100U);
  for (const auto& answer : answers) EXPECT_EQ(text_of(answer), "500 busy");
  EXPECT_LE(server.requests().size(), 100U + 2U * (options.retry.attempts - 1));
}

TEST(Client, another_host_that_is_gone_is_no_fault_of_the_many) {
  std::string gone;
  {
    const TestServer other([](const TestRequest&) { return reply(200, ""); });
    gone = other.url("/x");
  }
  std::atomic<int> cuts = 0;
  TestServer server([&](const TestRequest& r) -> TestReply {
    if (r.target == "/0") return reply(302, "", "Location: " + gone + "\r\n");
    if (r.target == "/1" && cuts++ == 0)
      return {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", Then::close};
    return reply(200, r.target);
  });
  const Client client(quick());
  const auto requests = to_all(server, 60);
  const auto answers = client.get_all(requests, {});
  ASSERT_EQ(answers.size(), 60U);
  EXPECT_TRUE(text_of(answers[0]).starts_with("Get \"" + gone + "\": dial tcp ")) << text_of(answers[0]);
  for (std::size_t i = 2; i < 60; ++i) EXPECT_EQ(text_of(answers[i]), "200 /" + std::to_string(i));
}

TEST(Client, a_stop_ends_many_at_once) {
  std::stop_source stop;
  TestServer server([&](const TestRequest& r) -> TestReply {
    if (r.number < 5) return reply(200, "");
    stop.request_stop();
    return {"", Then::hold};
  });
  const Client client(quick());
  const auto requests = to_all(server, 50);
  const auto answers = client.get_all(requests, stop.get_token());
  ASSERT_EQ(answers.size(), 50U);
  for (const auto& answer : answers) {
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind(), Kind::cancelled);
  }
}

TEST(Client, many_threads_ask_for_many_at_once) {
  TestServer server([](const TestRequest& r) { return reply(200, r.target); });
  Options options = quick();
  options.connections_per_host = 6;
  const Client client(options);
  const auto requests = to_all(server, 40);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      const auto answers = client.get_all(requests, {});
      for (std::size_t i = 0; i < answers.size(); ++i) {
        if (text_of(answers[i]) != "200 /" + std::to_string(i)) ++wrong;
        if (text_of(client.get(requests[i], {})) != text_of(answers[i])) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_LE(server.connections(), 6U);
}

// A request that hangs is shown while it does.
TEST(Client, traces_each_of_many) {
  std::vector<std::string> seen;
  Options options = quick();
  options.trace = [&](const Trace& t) { seen.push_back((t.begins ? "> " + t.url : "< " + t.status_line)); };
  std::vector<std::string> seen_by_then;
  TestServer server([&](const TestRequest& r) {
    if (r.number == 0) seen_by_then = seen;
    return reply(200, "");
  });
  const Client client(options);
  const auto requests = to_all(server, 2);
  client.get_all(requests, {});
  const std::vector<std::string> begun = {"> " + server.url("/0"), "> " + server.url("/1")};
  EXPECT_EQ(seen_by_then, begun);
  EXPECT_EQ(seen, (std::vector<std::string>{begun[0], begun[1], "< 200 Status", "< 200 Status"}));
}

TEST(Client, goes_through_the_proxy_it_is_given) {
  TestServer proxy([](const TestRequest& r) { return reply(200, "via " + r.target); });
  Options options = quick();
  options.network.http_proxy = proxy.url();
  const Client client(options);
  const auto answer = client.get(to("http://modules.test/x"), {});
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(answer->body, "via http://modules.test/x");
}

TEST(Client, traces_each_request) {
  std::mutex mutex;
  std::vector<std::string> seen;
  Options options = quick();
  options.trace = [&](const Trace& t) {
    const std::lock_guard lock(mutex);
    seen.push_back(t.begins ? "> " + t.url : "< " + t.status_line);
  };
  TestServer server([](const TestRequest& r) {
    return r.target == "/a" ? reply(302, "", "Location: /b\r\n") : reply(404, "");
  });
  const Client client(options);
  ASSERT_TRUE(client.get(to(server.url("/a")), {}));
  const std::vector<std::string> want = {"> " + server.url("/a"), "< 302 Status", "> " + server.url("/b"),
                                         "< 404 Status"};
  EXPECT_EQ(seen, want);
}

}  // namespace
}  // namespace larder::http
