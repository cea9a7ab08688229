// SPDX-License-Identifier: Apache-2.0
#include "http/client.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <ctime>
#include <deque>
#include <iterator>
#include <mutex>
#include <random>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "http/engine.hpp"
#include "http/host_gate.hpp"
#include "http/intake.hpp"
#include "http/redirect.hpp"
#include "http/secrets.hpp"
#include "http/url.hpp"
#include "sys/parallel.hpp"
#include "sys/regular_file.hpp"

namespace larder::http {

namespace {

constexpr std::size_t k_group = 64;  // exchanges that are prepared at once

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

std::string getting(const Url& url) {
  return "Get " + quote(url.redacted());
}

std::string get_error(const Url& url, std::string_view reason) {
  return getting(url) + ": " + std::string(reason);
}

std::string host_of(const Url& url) {
  return url.scheme + "://" + url.authority();
}

// What credentials may mend. Of the others a pause is wanted, not another user.
bool is_refusal(int status) {
  return status >= 400 && status < 500 && status != 408 && status != 429;
}

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
  std::vector<Result<Response>> get_all(std::span<const Request> requests, const std::stop_token& stop);

 private:
  // One get(), from its first request to its last.
  struct Call {
    const Request& request;
    Url origin;
    std::optional<BasicAuth> auth;
    Headers credentials;  // for https on the origin's host, without auth
    ByteSink& sink;
    std::stop_token stop;
    Millis allowed;
    Clock::time_point deadline;
    Progress progress;
    bool is_last_try = false;
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
    Clock::time_point ended{};
  };

  // One of get_all().
  struct Part {
    StringSink memory;
    std::optional<Call> call;
    std::optional<Result<Attempted>> first;
    std::optional<Result<Response>> result;
    bool is_traced = false;
  };
  // Of one get_all().
  struct Patience {
    std::atomic<bool> is_spent = false;  // one was asked until there was no sense in asking again
    std::optional<Error> gone;           // the host, as the error of that one says
  };
  void try_parts(std::span<Part* const> parts, Patience& patience, const std::stop_token& stop);
  void finish_part(Part& part, Patience& patience);
  static bool is_unavailable(const Result<Response>& result);
  Result<void> run_parts(std::span<Part* const> parts, const std::stop_token& stop);
  Result<Response> finish(Call& call, Attempted attempted, StringSink& memory);

  Result<Call> begin(const Request& request, ByteSink& sink, std::stop_token stop) const;
  bool may_find_credentials(const Call& call) const;
  bool is_pending(const Call& call, const Attempted& attempted) const;
  Result<bool> finds_credentials(Call& call, const Attempted& attempted);
  void settle(const Call& call, const Attempted& attempted);
  Result<Attempted> attempt(Call& call);
  Result<Attempted> follow(Call& call, Attempted first);
  Result<Attempted> hop(Call& call, const Url& url);
  Result<Attempted> met(Call& call, const Url& url, Result<Ending> ending, Intake& intake,
                        Clock::time_point begun, Clock::time_point ended);
  Result<std::optional<Millis>> pause_after(Call& call, const Attempted& attempted);
  Result<void> wait(Millis pause, const std::stop_token& stop) const;
  Exchange exchange_for(const Call& call, const Url& url) const;
  Attempted judge(Call& call, const Url& url, const Ending& ending, Intake& intake) const;
  static bool is_good(const Attempted& attempted);
  static void hide_secrets(const Call& call, Response& response);
  static bool is_origin(const Call& call, const Url& url);
  void trace_begin(const Url& url) const;
  void trace_end(const Attempted& attempted) const;
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

std::vector<Result<Response>> Client::get_all(std::span<const Request> requests, std::stop_token stop) const {
  return impl_->get_all(requests, stop);
}

Result<Response> Client::Impl::get(const Request& request, std::stop_token stop) {
  StringSink memory;
  Call call = TRY(begin(request, request.sink ? *request.sink : memory, std::move(stop)));
  auto first = TRY(attempt(call));
  return finish(call, std::move(first), memory);
}

// From the first attempt on.
Result<Response> Client::Impl::finish(Call& call, Attempted attempted, StringSink& memory) {
  for (;; attempted = TRY(attempt(call))) {
    ++call.attempts;
    if (is_pending(call, attempted)) {
      if (TRY(finds_credentials(call, attempted))) continue;
      trace_end(attempted);
    }
    settle(call, attempted);
    if (is_good(attempted)) break;
    const auto pause = TRY(pause_after(call, attempted));
    if (!pause) break;
    TRY(wait(*pause, call.stop));
  }
  if (!attempted.response) {
    const std::string tried = call.attempts > 1 ? fmt::format("tried {} times", call.attempts) : "";
    return fail(Kind::unavailable, get_error(attempted.url, attempted.ending.reason), tried);
  }
  Response response = *std::move(attempted.response);
  response.attempts = call.attempts;
  if (response.status != 200) hide_secrets(call, response);
  if (response.status == 200 && !call.request.sink) response.body = memory.take();
  return response;
}

bool Client::Impl::is_good(const Attempted& attempted) {
  return attempted.ending.outcome == Outcome::answered && attempted.response->status == 200;
}

std::vector<Result<Response>> Client::Impl::get_all(std::span<const Request> requests,
                                                    const std::stop_token& stop) {
  std::deque<Part> parts;
  std::vector<Part*> left;
  for (const auto& request : requests) {
    auto& part = parts.emplace_back();
    LARDER_ASSERT(request.sink == nullptr);
    auto call = begin(request, part.memory, stop);
    if (call) {
      left.push_back(&part);
      part.call.emplace(*std::move(call));
    } else {
      part.result = fail(std::move(call).error());
    }
  }
  Patience patience;
  while (!left.empty()) {
    try_parts(std::span(left).first(std::min(left.size(), k_group)), patience, stop);
    for (auto* part : left) {
      if (patience.gone && !part->result) part->result = fail(*patience.gone);
    }
    std::erase_if(left, [](const Part* part) { return part->result.has_value(); });
  }
  std::vector<Result<Response>> out;
  for (auto& part : parts) out.push_back(*std::move(part.result));
  return out;
}

// At least one has a result afterwards.
void Client::Impl::try_parts(std::span<Part* const> parts, Patience& patience, const std::stop_token& stop) {
  if (const auto run = run_parts(parts, stop); !run) {
    for (auto* part : parts) part->result = fail(Error(run.error()).with(getting(part->call->origin)));
    return;
  }
  std::vector<Part*> begun;
  std::copy_if(parts.begin(), parts.end(), std::back_inserter(begun), [](auto* p) { return p->first; });
  // What has to be asked again, perhaps after a pause, does not keep the others waiting.
  const auto slow =
      std::partition(begun.begin(), begun.end(), [](auto* p) { return !*p->first || is_good(**p->first); });
  std::for_each(begun.begin(), slow, [&](auto* part) { finish_part(*part, patience); });
  const std::span<Part*> others(slow, begun.end());
  sys::parallel_for(others.size(), options_.connections_per_host / 2, {},
                    [&](std::size_t i) { finish_part(*others[i], patience); });
  for (const auto* part : others) {
    const bool was_answered =
        (*part->first)->ending.outcome == Outcome::answered;  // by whomever it names then
    if (!was_answered && is_unavailable(*part->result)) patience.gone = part->result->error();
  }
}

// Where one was asked in vain to the end, the others are not: it would be the same again.
void Client::Impl::finish_part(Part& part, Patience& patience) {
  auto& call = *part.call;
  call.is_last_try = patience.is_spent;
  auto whole = *part.first ? follow(call, **part.first) : *part.first;
  part.result = whole ? finish(call, *std::move(whole), part.memory) : fail(whole.error());
  if (is_unavailable(*part.result)) patience.is_spent = true;
}

// Also where the host says so.
bool Client::Impl::is_unavailable(const Result<Response>& result) {
  if (!result) return result.error().kind() == Kind::unavailable;
  return outcome_of_status(result->status) != Outcome::answered;
}

Result<void> Client::Impl::run_parts(std::span<Part* const> parts, const std::stop_token& stop) {
  const auto host = host_of(parts.front()->call->origin);
  const auto pass = TRY(gate_.pass(host, Clock::now(), stop));
  const auto more = gate_.more(host, parts.size() - 1);
  std::deque<Exchange> exchanges;
  std::deque<Intake> intakes;
  std::vector<Engine::Item> items;
  for (auto* part : parts) {
    auto& call = *part->call;
    call.deadline = Clock::now() + call.allowed;
    if (!std::exchange(part->is_traced, true)) trace_begin(call.origin);
    const auto& exchange = exchanges.emplace_back(exchange_for(call, call.origin));
    auto& intake = intakes.emplace_back(call.request, call.sink, call.progress, false);
    items.push_back({exchange, intake, call.request.body_limit});
  }
  if (exchanges.front().tls != nullptr) TRY(check_files(*exchanges.front().tls));
  engine_.run_all(items, static_cast<unsigned>(1 + more.size()), stop);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto& [exchange, intake, limit, ending, begun, ended] = items[i];
    if (!ending) continue;
    auto& call = *parts[i]->call;
    call.deadline = begun + call.allowed;
    parts[i]->first = met(call, call.origin, *std::move(ending), intakes[i], begun, ended);
  }
  return {};
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
  const Millis allowed = request.insecure ? k_insecure_total : options_.timeouts.total;
  Call call{request, std::move(url), std::move(auth), {}, sink, std::move(stop), allowed, {}, {}};
  if (may_find_credentials(call))
    call.credentials = TRY(options_.credentials->headers_for(call.origin.str(), call.stop));
  call.deadline = Clock::now() + allowed;
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

// Of this call: what was sent in a round before may be quoted too, but is refused by then.
void Client::Impl::hide_secrets(const Call& call, Response& response) {
  const auto secrets =
      call.auth ? secrets_of(call.auth->user, call.auth->password) : secrets_of(call.credentials);
  hide(response.body, secrets);
  hide(response.reason, secrets);
}

bool Client::Impl::is_origin(const Call& call, const Url& url) {
  return url.https() && url.host == call.origin.host && url.effective_port() == call.origin.effective_port();
}

// The decision of retry.hpp, with what it needs to know. nullopt: what we have is the result.
Result<std::optional<Millis>> Client::Impl::pause_after(Call& call, const Attempted& attempted) {
  if (call.request.insecure || call.is_last_try) return std::nullopt;
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
  return follow(call, TRY(hop(call, call.origin)));
}

// Where its answer leads to.
Result<Client::Impl::Attempted> Client::Impl::follow(Call& call, Attempted attempted) {
  for (unsigned hops = 1;; ++hops) {
    const bool answered = attempted.ending.outcome == Outcome::answered && attempted.response;
    if (!answered || !is_redirect(attempted.response->status)) return attempted;
    const auto location = attempted.response->header("location");
    if (!location || location->empty()) return attempted;
    const Url url =
        TRY(redirect_target(attempted.url, *location, hops, {options_.redirects, call.request.insecure}));
    attempted = TRY(hop(call, url));
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
    const bool go_along = url == call.origin || call.credentials.empty() ||
                          options_.credentials->cover(call.origin.str(), url.str());
    if (go_along)
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
  const std::string host = host_of(url);
  const auto asked = Clock::now();
  const HostGate::Pass pass = TRY(gate_.pass(host, asked, call.stop).context(getting(url)));
  const auto begun = Clock::now();
  call.deadline += begun - asked;          // waiting for a place is no fault of the host
  if (call.rounds == 0) trace_begin(url);  // for the user it is one request
  Intake intake(call.request, call.sink, call.progress, call.progress.resumable());
  const auto exchange = exchange_for(call, url);
  if (exchange.tls != nullptr) TRY(check_files(*exchange.tls).context(getting(url)));
  auto ending = engine_.run(exchange, intake, call.stop);
  return met(call, url, std::move(ending), intake, begun, Clock::now());
}

// What an exchange came to.
Result<Client::Impl::Attempted> Client::Impl::met(Call& call, const Url& url, Result<Ending> ending,
                                                  Intake& intake, Clock::time_point begun,
                                                  Clock::time_point ended) {
  if (!ending) {
    if (ending.error().kind() == Kind::cancelled) return fail(std::move(ending).error().with(getting(url)));
    return fail(std::move(ending).error());
  }
  gate_.report(host_of(url), ending->outcome == Outcome::silent, ended);
  Attempted attempted = judge(call, url, *ending, intake);
  attempted.begun = begun;
  attempted.ended = ended;
  if (!is_pending(call, attempted)) trace_end(attempted);
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

void Client::Impl::trace_begin(const Url& url) const {
  if (!options_.trace) return;
  Trace event;
  event.url = url.redacted();
  event.begins = true;
  options_.trace(event);
}

void Client::Impl::trace_end(const Attempted& attempted) const {
  if (!options_.trace) return;
  Trace event;
  event.url = attempted.url.redacted();
  event.status = attempted.response ? attempted.response->status : 0;
  event.status_line = attempted.response ? attempted.response->status_line() : attempted.ending.reason;
  event.duration = std::chrono::duration_cast<Millis>(attempted.ended - attempted.begun);
  options_.trace(event);
}

std::uint32_t Client::Impl::chance() {
  const std::lock_guard lock(random_mutex_);
  return static_cast<std::uint32_t>(random_());
}

}  // namespace larder::http
