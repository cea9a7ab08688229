// SPDX-License-Identifier: Apache-2.0
#include "http/client.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <random>

#include <fmt/format.h>

#include "base/text.hpp"
#include "http/engine.hpp"
#include "http/host_gate.hpp"
#include "http/redirect.hpp"
#include "http/url.hpp"
#include "sys/regular_file.hpp"

namespace larder::http {

namespace {

constexpr std::size_t k_error_body = 16U << 10U;  // bytes kept of an answer that is not the content

struct Reason {
  int status;
  std::string_view text;
};
// HTTP/2 has no reason phrase; these are shown.
constexpr std::array k_reasons = {
    Reason{200, "OK"},
    Reason{206, "Partial Content"},
    Reason{301, "Moved Permanently"},
    Reason{302, "Found"},
    Reason{304, "Not Modified"},
    Reason{400, "Bad Request"},
    Reason{401, "Unauthorized"},
    Reason{403, "Forbidden"},
    Reason{404, "Not Found"},
    Reason{407, "Proxy Authentication Required"},
    Reason{410, "Gone"},
    Reason{416, "Range Not Satisfiable"},
    Reason{429, "Too Many Requests"},
    Reason{500, "Internal Server Error"},
    Reason{502, "Bad Gateway"},
    Reason{503, "Service Unavailable"},
    Reason{504, "Gateway Timeout"},
};

std::string_view usual_reason(int status) {
  const auto at =
      std::find_if(k_reasons.begin(), k_reasons.end(), [&](const Reason& r) { return r.status == status; });
  return at == k_reasons.end() ? "" : at->text;
}

std::string get_error(const Url& url, std::string_view reason) {
  return "Get " + quote(url.redacted()) + ": " + std::string(reason);
}

// What credentials may mend. Of the others a pause is wanted, not another user.
bool is_refusal(int status) {
  return status >= 400 && status < 500 && status != 408 && status != 429;
}

// What is known of a body that arrives in several parts.
struct Progress {
  std::uint64_t offset = 0;            // bytes handed to the sink
  std::optional<std::uint64_t> total;  // Content-Length of the whole
  std::string validator;               // strong ETag or Last-Modified; empty: cannot be continued

  bool resumable() const { return offset > 0 && total && !validator.empty(); }
};

std::optional<std::uint64_t> content_length(const Headers& headers) {
  const auto value = find_header(headers, "content-length");
  return value ? parse_uint(*value) : std::nullopt;
}

std::string validator_of(const Headers& headers) {
  const auto encoding = find_header(headers, "content-encoding");
  if (encoding && *encoding != "identity") return {};
  if (const auto etag = find_header(headers, "etag"); etag && etag->starts_with('"'))
    return std::string(*etag);
  return std::string(find_header(headers, "last-modified").value_or(""));
}

// "bytes 10-99/100" continues at `offset` a body of `total` bytes.
bool continues(std::string_view content_range, const Progress& progress) {
  const auto unit = cut(content_range, " ");
  const auto size = unit && unit->first == "bytes" ? cut(unit->second, "/") : std::nullopt;
  const auto range = size ? cut(size->first, "-") : std::nullopt;
  if (!range) return false;
  return parse_uint(range->first) == progress.offset && parse_uint(size->second) == progress.total &&
         parse_uint(range->second) == *progress.total - 1;
}

// Takes one answer: a 200 or the rest of one goes to the sink, of others a little is kept for the message.
class Intake final : public Receiver {
 public:
  Intake(const Request& request, ByteSink& sink, Progress& progress, bool asked_for_rest)
      : request_(request), sink_(sink), progress_(progress), asked_for_rest_(asked_for_rest) {}

  Result<bool> head(const Head& head) override {
    head_ = head;
    if (head.status == 200) return begin_whole();
    if (head.status == 206 && asked_for_rest_) {
      content_ = continues(find_header(head.headers, "content-range").value_or(""), progress_);
      mismatch_ = !content_;
      return content_;
    }
    return true;
  }

  Result<bool> body(Bytes data) override {
    if (!content_) {
      const auto room = k_error_body - error_body_.size();
      error_body_.append(as_text(data).substr(0, room));
      return error_body_.size() < k_error_body;
    }
    if (data.size() > request_.body_limit - std::min(progress_.offset, request_.body_limit))
      return too_large();
    TRY(sink_.write(data));
    progress_.offset += data.size();
    moved_ = true;
    return true;
  }

  const Head& answer() const { return head_; }
  bool answered() const { return head_.status != 0; }
  bool is_content() const { return content_; }
  bool moved() const { return moved_; }
  bool mismatch() const { return mismatch_; }
  std::string& error_body() { return error_body_; }

 private:
  Result<bool> begin_whole() {
    content_ = true;
    if (progress_.offset > 0) TRY(sink_.restart());
    progress_ = {0, content_length(head_.headers), validator_of(head_.headers)};
    if (progress_.total && *progress_.total > request_.body_limit) return too_large();
    return true;
  }

  Result<bool> too_large() const {
    if (!request_.too_large.empty()) return fail(Kind::invalid, request_.too_large);
    return fail(Kind::invalid, "reading " + redact(request_.url) + ": response body too large (limit " +
                                   std::to_string(request_.body_limit) + " bytes)");
  }

  const Request& request_;
  ByteSink& sink_;
  Progress& progress_;
  const bool asked_for_rest_;
  Head head_;
  bool content_ = false;
  bool moved_ = false;
  bool mismatch_ = false;
  std::string error_body_;
};

// The TLS library would wait for ever at a pipe, and read a device without end.
Result<void> check_files(const HostTls& tls) {
  for (const auto& file : {tls.ca_file, tls.client_cert, tls.client_key}) {
    if (file.empty()) continue;
    const auto opened = sys::open_regular(file);
    if (!opened) return fail(Kind::invalid, opened.error().message(), "see [[upstream]] in larder.toml");
  }
  return {};
}

}  // namespace

std::optional<std::string_view> Response::header(std::string_view lower_case_name) const {
  return find_header(headers, lower_case_name);
}

std::string Response::status_line() const {
  return std::to_string(status) + (reason.empty() ? "" : " " + reason);
}

// The kernel's. The default is the processor's own, which it takes a virtual one 20 µs to ask for.
constexpr const char* k_entropy = "getentropy";

class Client::Impl {
 public:
  explicit Impl(Options options)
      : options_(std::move(options)),
        gate_(options_.connections_per_host, options_.timeouts.silent_host),
        random_(std::random_device{k_entropy}()),
        engine_({options_.timeouts.connect, options_.timeouts.idle, options_.user_agent,
                 options_.network.ca_file, options_.network.ca_dir, options_.connections_per_host}) {}

  Result<Response> get(const Request& request, std::stop_token stop);

 private:
  // One get(), from its first request to its last.
  struct Call {
    const Request& request;
    Url origin;
    std::optional<BasicAuth> auth;
    Headers credentials;  // for https on the origin's host, without auth
    ByteSink& sink;
    std::stop_token stop;
    Clock::time_point deadline;
    Progress progress;
    unsigned failures = 0;
    unsigned resumes = 0;
    unsigned attempts = 0;
    unsigned rounds = 0;  // of after_refusal
  };
  // What one attempt, with its redirects, came to: an answer, or the reason why there is none.
  struct Attempted {
    Ending ending;
    Url url;
    std::optional<Response> response;
    bool moved = false;
    Clock::time_point begun{};
  };

  Result<Call> begin(const Request& request, ByteSink& sink, std::stop_token stop) const;
  bool may_find_credentials(const Call& call) const;
  bool is_pending(const Call& call, const Attempted& attempted) const;
  Result<bool> finds_credentials(Call& call, const Attempted& attempted);
  void settle(const Call& call, const Attempted& attempted);
  Result<Attempted> attempt(Call& call);
  Result<Attempted> hop(Call& call, const Url& url);
  Result<std::optional<Millis>> pause_after(Call& call, const Attempted& attempted);
  Result<void> wait(Millis pause, const std::stop_token& stop) const;
  Exchange exchange_for(const Call& call, const Url& url) const;
  Attempted judge(Call& call, const Url& url, const Ending& ending, Intake& intake) const;
  static bool is_origin(const Call& call, const Url& url);
  void trace(const Url& url, bool begins, const Attempted* attempted, Clock::time_point since) const;
  std::uint32_t chance();

  Options options_;
  HostGate gate_;
  std::mutex random_mutex_;
  std::mt19937 random_;
  Engine engine_;
};

Client::Client(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Client::~Client() = default;

Result<Response> Client::get(const Request& request, std::stop_token stop) const {
  return impl_->get(request, std::move(stop));
}

Result<Response> Client::Impl::get(const Request& request, std::stop_token stop) {
  StringSink memory;
  Call call = TRY(begin(request, request.sink ? *request.sink : memory, std::move(stop)));
  while (true) {
    ++call.attempts;
    Attempted attempted = TRY(attempt(call));
    if (is_pending(call, attempted)) {
      if (TRY(finds_credentials(call, attempted))) continue;
      trace(attempted.url, false, &attempted, attempted.begun);
    }
    settle(call, attempted);
    if (attempted.ending.outcome != Outcome::answered || attempted.response->status != 200) {
      if (const auto pause = TRY(pause_after(call, attempted))) {
        TRY(wait(*pause, call.stop));
        continue;
      }
    }
    if (!attempted.response) {
      const std::string tried = call.attempts > 1 ? fmt::format("tried {} times", call.attempts) : "";
      return fail(Kind::unavailable, get_error(attempted.url, attempted.ending.reason), tried);
    }
    Response response = *std::move(attempted.response);
    response.attempts = call.attempts;
    if (response.status == 200 && !request.sink) response.body = memory.take();
    return response;
  }
}

Result<Client::Impl::Call> Client::Impl::begin(const Request& request, ByteSink& sink,
                                               std::stop_token stop) const {
  Url url = TRY(Url::parse(request.url));
  std::optional<BasicAuth> auth = request.auth;
  if (url.user) auth = BasicAuth{*url.user, url.password.value_or("")};
  if (auth && !url.https()) {
    return fail(Kind::forbidden, "refusing to pass credentials to insecure URL: " + url.redacted());
  }
  constexpr Millis k_insecure_total{5'000};  // as go
  Call call{request, std::move(url), std::move(auth), {}, sink, std::move(stop), {}, {}};
  if (may_find_credentials(call))
    call.credentials = TRY(options_.credentials->headers_for(call.origin.str(), call.stop));
  call.deadline = Clock::now() + (request.insecure ? k_insecure_total : options_.timeouts.total);
  return call;
}

bool Client::Impl::may_find_credentials(const Call& call) const {
  return options_.credentials && call.origin.https() && !call.auth;
}

// A refusal, of which it is not yet decided whether it is the answer.
bool Client::Impl::is_pending(const Call& call, const Attempted& attempted) const {
  return may_find_credentials(call) && attempted.response && is_refusal(attempted.response->status);
}

// A first round may have been another call's; the second is our own. What it costs is no fault of the host.
Result<bool> Client::Impl::finds_credentials(Call& call, const Attempted& attempted) {
  constexpr unsigned k_rounds = 2;
  if (call.rounds == k_rounds) return false;
  const auto asked = Clock::now();
  const Refusal refusal{attempted.response->status_line(), attempted.response->headers};
  auto other =
      TRY(options_.credentials->after_refusal(call.origin.str(), call.credentials, refusal, call.stop));
  call.deadline += Clock::now() - asked;
  if (!other) return false;
  call.credentials = *std::move(other);
  ++call.rounds;
  --call.attempts;
  return true;
}

void Client::Impl::settle(const Call& call, const Attempted& attempted) {
  if (call.rounds == 0 || !attempted.response || !is_origin(call, attempted.url)) return;
  options_.credentials->settled(call.origin.str(), call.credentials, attempted.response->status);
}

bool Client::Impl::is_origin(const Call& call, const Url& url) {
  return url.https() && url.host == call.origin.host && url.effective_port() == call.origin.effective_port();
}

// The decision of retry.hpp, with what it needs to know. nullopt: what we have is the result.
Result<std::optional<Millis>> Client::Impl::pause_after(Call& call, const Attempted& attempted) {
  if (call.request.insecure) return std::nullopt;
  Attempt attempt;
  attempt.outcome = attempted.ending.outcome;
  if (attempted.response && attempt.outcome == Outcome::answered) {
    attempt.outcome = outcome_of_status(attempted.response->status);
    if (const auto value = attempted.response->header("retry-after")) {
      attempt.retry_after = parse_retry_after(*value, std::time(nullptr));
    }
  }
  attempt.progress = attempted.moved && call.progress.resumable();
  attempt.failures = attempt.progress ? call.failures : ++call.failures;
  attempt.resumes = attempt.progress ? call.resumes++ : call.resumes;
  const auto pause = next_pause(options_.retry, attempt, chance());
  if (!pause || attempted.ending.out_of_time || Clock::now() + *pause >= call.deadline) return std::nullopt;
  return pause;
}

Result<void> Client::Impl::wait(Millis pause, const std::stop_token& stop) const {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, pause, [] { return false; });
  if (stop.stop_requested()) return fail(Kind::cancelled, "cancelled");
  return {};
}

Result<Client::Impl::Attempted> Client::Impl::attempt(Call& call) {
  Url url = call.origin;
  for (unsigned hops = 1;; ++hops) {
    Attempted attempted = TRY(hop(call, url));
    const bool answered = attempted.ending.outcome == Outcome::answered && attempted.response;
    if (!answered || !is_redirect(attempted.response->status)) return attempted;
    const auto location = attempted.response->header("location");
    if (!location || location->empty()) return attempted;
    url = TRY(redirect_target(url, *location, hops, {options_.redirects, call.request.insecure}));
  }
}

Exchange Client::Impl::exchange_for(const Call& call, const Url& url) const {
  Exchange exchange;
  exchange.url = url.str();
  exchange.headers = call.request.headers;
  if (call.progress.resumable()) {
    exchange.headers.emplace_back("Range", "bytes=" + std::to_string(call.progress.offset) + "-");
    exchange.headers.emplace_back("If-Range", call.progress.validator);
  }
  if (is_origin(call, url)) {
    exchange.auth = call.auth;
    exchange.headers.insert(exchange.headers.end(), call.credentials.begin(), call.credentials.end());
  }
  exchange.proxy = proxy_for(options_.network, url);
  exchange.deadline = call.deadline;
  exchange.any_certificate = call.request.insecure;
  const auto of_host = [&](const HostTls& t) { return t.host == url.host && t.port == url.effective_port(); };
  const auto tls = std::find_if(options_.tls.begin(), options_.tls.end(), of_host);
  if (url.https() && tls != options_.tls.end()) exchange.tls = &*tls;
  return exchange;
}

Result<Client::Impl::Attempted> Client::Impl::hop(Call& call, const Url& url) {
  const std::string host = url.scheme + "://" + url.authority();
  const auto asked = Clock::now();
  const HostGate::Pass pass = TRY(gate_.pass(host, asked, call.stop).context("Get " + quote(url.redacted())));
  const auto begun = Clock::now();
  call.deadline += begun - asked;                          // waiting for a place is no fault of the host
  if (call.rounds == 0) trace(url, true, nullptr, begun);  // for the user it is one request
  Intake intake(call.request, call.sink, call.progress, call.progress.resumable());
  const auto exchange = exchange_for(call, url);
  if (exchange.tls != nullptr) TRY(check_files(*exchange.tls).context("Get " + quote(url.redacted())));
  Result<Ending> ending = engine_.run(exchange, intake, call.stop);
  if (!ending) {
    if (ending.error().kind() == Kind::cancelled)
      return fail(std::move(ending).error().with("Get " + quote(url.redacted())));
    return fail(std::move(ending).error());
  }
  gate_.report(host, ending->outcome == Outcome::silent, Clock::now());
  Attempted attempted = judge(call, url, *ending, intake);
  attempted.begun = begun;
  if (!is_pending(call, attempted)) trace(url, false, &attempted, begun);
  return attempted;
}

Client::Impl::Attempted Client::Impl::judge(Call& call, const Url& url, const Ending& ending,
                                            Intake& intake) const {
  Attempted attempted{ending, url, std::nullopt, intake.moved()};
  if (ending.out_of_time) {
    attempted.ending.reason =
        fmt::format("not finished after {} s", static_cast<double>(options_.timeouts.total.count()) / 1000);
  }
  const int status = intake.answer().status;
  if (intake.mismatch() || (call.progress.resumable() && status == 416)) {
    // The server does not continue what it began: anew, from zero.
    attempted.ending = {Outcome::cut, "the server cannot continue its answer"};
    call.progress.validator.clear();
    return attempted;
  }
  // A cut in the middle of an error text is no reason to forget the status.
  if (intake.answered() && !intake.is_content()) attempted.ending = {};
  if (attempted.ending.outcome != Outcome::answered) return attempted;
  Response response;
  response.status = status == 206 && intake.is_content() ? 200 : status;
  response.reason = status == response.status ? intake.answer().reason : "";
  if (response.reason.empty()) response.reason = usual_reason(response.status);
  response.url = url.redacted();
  response.headers = intake.answer().headers;
  response.body = std::move(intake.error_body());
  response.body_bytes = intake.is_content() ? call.progress.offset : 0;
  attempted.response = std::move(response);
  return attempted;
}

void Client::Impl::trace(const Url& url, bool begins, const Attempted* attempted,
                         Clock::time_point since) const {
  if (!options_.trace) return;
  Trace event;
  event.url = url.redacted();
  event.begins = begins;
  if (attempted && attempted->response) {
    event.status = attempted->response->status;
    event.status_line = attempted->response->status_line();
  } else if (attempted) {
    event.status_line = attempted->ending.reason;
  }
  event.duration = std::chrono::duration_cast<Millis>(Clock::now() - since);
  options_.trace(event);
}

std::uint32_t Client::Impl::chance() {
  const std::lock_guard lock(random_mutex_);
  return static_cast<std::uint32_t>(random_());
}

}  // namespace larder::http
