// SPDX-License-Identifier: Apache-2.0
// The only file that knows curl. Longer than most: a transfer's two sides (curl's thread, the caller's) are
// one protocol and are read together.
#include "http/engine.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>
#include <tuple>

#include <fmt/format.h>
#include <pthread.h>
#include <sys/socket.h>

#include "base/text.hpp"
#include "http/curl_library.hpp"
#include "sys/socket_address.hpp"

namespace larder::http {

namespace {

constexpr long k_read_size = 128L << 10U;  // bytes curl asks the kernel for at once
constexpr Millis k_idle_poll{60'000};      // with nothing to watch, the loop sleeps until it is woken

struct Verdict {
  Outcome outcome;
  std::string_view reason;
};

// What curl's result means for another attempt, with the words of the go command where it has some.
Verdict verdict_of(CURLcode code) {
  switch (code) {
    case CURLE_OK:
      return {Outcome::answered, ""};
    case CURLE_COULDNT_CONNECT:
      return {Outcome::cut, "connect: connection refused"};
    case CURLE_OPERATION_TIMEDOUT:
      return {Outcome::silent, "i/o timeout"};
    case CURLE_GOT_NOTHING:
      return {Outcome::cut, "EOF"};
    case CURLE_PARTIAL_FILE:
      return {Outcome::cut, "unexpected EOF"};
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
      return {Outcome::cut, "connection reset by peer"};
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_SSL_CONNECT_ERROR:
      return {Outcome::cut, ""};  // curl's own words say more
    case CURLE_PEER_FAILED_VERIFICATION:
      return {Outcome::hopeless, "tls: failed to verify certificate"};
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return {Outcome::hopeless, "malformed HTTP response"};
    default:
      return {Outcome::hopeless, ""};
  }
}

// "Failed to …" begins in lower case here, "SSL …" does not.
void lower_first(std::string& text) {
  const bool word = text.size() > 1 && to_lower_ascii(text[1]) == text[1];
  if (word) text[0] = to_lower_ascii(text[0]);
}

struct EasyDeleter {
  void operator()(CURL* easy) const { curl().easy_cleanup(easy); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl().slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;
using List = std::unique_ptr<curl_slist, ListDeleter>;

// What passes between the loop's thread and the caller of one transfer. Either may be the last to let go of
// it, so that the caller is woken outside of the lock, and finds it free.
struct Mailbox {
  std::mutex mutex;  // for all below
  std::condition_variable changed;
  bool stopped = false;
  bool head_ready = false;
  Head head;
  std::string pending;
  bool paused = false;
  bool done = false;
  Ending ending;
};

// One exchange. The easy handle belongs to the loop's thread from submission until `done`.
struct Transfer {
  Easy easy;
  List header_lines;
  std::array<char, CURL_ERROR_SIZE> curl_words{};
  Clock::time_point deadline;
  bool proxied = false;

  // Loop's thread only.
  std::string dialled;  // the first address that was tried: "127.0.0.1:80"
  Head building;
  std::size_t header_bytes = 0;
  bool final_head = false;
  bool headers_too_large = false;
  Clock::time_point last_byte;
  bool any_byte = false;
  bool has_news = false;  // in the mailbox, of which the caller was not told yet

  std::shared_ptr<Mailbox> box = std::make_shared<Mailbox>();
};

void finish_head(Transfer& t) {
  t.final_head = true;
  t.has_news = true;
  const std::lock_guard lock(t.box->mutex);
  t.box->head = std::move(t.building);
  t.box->head_ready = true;
}

// "HTTP/1.1 404 Not Found" begins a head anew: interim answers come before the final one.
void begin_head(Transfer& t, std::string_view line) {
  t.building = {};
  const auto rest = cut(line, " ");
  if (!rest) return;
  t.building.status = static_cast<int>(parse_uint(rest->second.substr(0, 3), 999).value_or(0));
  if (rest->second.size() > 4) t.building.reason = trim(rest->second.substr(4));
}

curl_socket_t on_dial(void* user, curlsocktype, curl_sockaddr* to) {
  auto& t = *static_cast<Transfer*>(user);
  if (t.dialled.empty()) t.dialled = sys::address_text(&to->addr);
  return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& t = *static_cast<Transfer*>(user);
  const std::size_t bytes = size * count;
  t.last_byte = Clock::now();
  t.any_byte = true;
  t.header_bytes += bytes;
  if (t.header_bytes > k_max_headers) {
    t.headers_too_large = true;
    return 0;
  }
  if (t.final_head) return bytes;  // trailers
  const auto line = trim({data, bytes});
  if (line.starts_with("HTTP/")) {
    begin_head(t, line);
  } else if (!line.empty()) {
    if (const auto field = cut(line, ":")) {
      t.building.headers.emplace_back(lower_ascii(trim(field->first)), trim(field->second));
    }
  } else if (t.building.status >= 200) {
    finish_head(t);
  }
  return bytes;
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& t = *static_cast<Transfer*>(user);
  const std::size_t bytes = size * count;
  t.last_byte = Clock::now();
  const std::lock_guard lock(t.box->mutex);
  if (t.box->pending.size() >= k_window) {
    t.box->paused = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  t.box->pending.append(data, bytes);
  t.has_news = true;
  return bytes;
}

template <class T>
void set(CURL* easy, CURLoption option, T value) {
  // An option that this libcurl was built without leaves its default; what matters is checked by tests.
  static_cast<void>(curl().easy_setopt(easy, option, value));
}

void set_tls(CURL* easy, const HostTls& tls) {
  if (!tls.ca_file.empty()) {
    set(easy, CURLOPT_CAINFO, tls.ca_file.c_str());
    set(easy, CURLOPT_CAPATH, static_cast<char*>(nullptr));
  }
  if (tls.client_cert.empty()) return;
  set(easy, CURLOPT_SSLCERT, tls.client_cert.c_str());
  set(easy, CURLOPT_SSLKEY, tls.client_key.c_str());
  set(easy, CURLOPT_KEYPASSWD, "");  // without one, an encrypted key has OpenSSL ask at the terminal
}

}  // namespace

std::optional<std::string_view> find_header(const Headers& headers, std::string_view lower_case_name) {
  for (const auto& [name, value] : headers) {
    if (name == lower_case_name) return value;
  }
  return std::nullopt;
}

class Engine::Loop {
 public:
  explicit Loop(Settings settings) : settings_(std::move(settings)) {
    multi_ = curl().multi_init();
    LARDER_ASSERT(multi_ != nullptr);
    curl().multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    curl().multi_setopt(multi_, CURLMOPT_MAXCONNECTS, 64L);
    curl().multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS,
                        static_cast<long>(settings_.connections_per_host));
  }
  ~Loop() {
    {
      const std::lock_guard lock(mutex_);
      quit_ = true;
    }
    curl().multi_wakeup(multi_);
    if (thread_.joinable()) thread_.join();
    curl().multi_cleanup(multi_);
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  std::unique_ptr<Transfer> prepare(const Exchange& exchange) const;
  Result<Ending> drive(Transfer& t, Receiver& receiver, std::stop_token stop);

 private:
  enum class Order { add, resume, end };

  void send(Order order, Transfer& t);
  void run();
  void obey(Order order, Transfer* t);
  void collect();
  void tell_news();
  void expire(Clock::time_point now);
  void end(Transfer& t, Ending ending);
  void end_by_code(Transfer& t, CURLcode code);
  Clock::time_point due(Transfer& t) const;
  Millis next_wait(Clock::time_point now) const;
  Ending ending_of(Transfer& t, CURLcode code) const;

  Settings settings_;
  CURLM* multi_ = nullptr;
  std::mutex mutex_;
  std::vector<std::pair<Order, Transfer*>> orders_;
  bool quit_ = false;
  bool sleeps_ = false;            // nobody has woken it since it looked for orders
  std::thread thread_;             // started by the first order
  std::vector<Transfer*> active_;  // loop's thread only
};

std::unique_ptr<Transfer> Engine::Loop::prepare(const Exchange& exchange) const {
  auto t = std::make_unique<Transfer>();
  t->easy.reset(curl().easy_init());
  LARDER_ASSERT(t->easy != nullptr);
  t->deadline = exchange.deadline;
  t->proxied = exchange.proxy && !exchange.proxy->empty();
  CURL* easy = t->easy.get();
  for (const auto& [name, value] : exchange.headers) {
    curl_slist* grown = curl().slist_append(t->header_lines.get(), (name + ": " + value).c_str());
    LARDER_ASSERT(grown != nullptr);
    std::ignore = t->header_lines.release();  // the new head of the same list
    t->header_lines.reset(grown);
  }
  set(easy, CURLOPT_URL, exchange.url.c_str());
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_PATH_AS_IS, 1L);
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  set(easy, CURLOPT_PIPEWAIT, exchange.url.starts_with("https:") ? 1L : 0L);
  set(easy, CURLOPT_HTTPHEADER, t->header_lines.get());
  set(easy, CURLOPT_USERAGENT, settings_.user_agent.c_str());
  set(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(easy, CURLOPT_PROXY, exchange.proxy ? exchange.proxy->c_str() : "");
  set(easy, CURLOPT_NOPROXY, "");
  set(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings_.connect.count()));
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_QUICK_EXIT, 1L);  // ending a transfer does not wait for a hanging name lookup
  set(easy, CURLOPT_BUFFERSIZE, k_read_size);
  set(easy, CURLOPT_ERRORBUFFER, t->curl_words.data());
  set(easy, CURLOPT_PRIVATE, static_cast<void*>(t.get()));
  set(easy, CURLOPT_OPENSOCKETFUNCTION, &on_dial);
  set(easy, CURLOPT_OPENSOCKETDATA, static_cast<void*>(t.get()));
  set(easy, CURLOPT_HEADERFUNCTION, &on_header);
  set(easy, CURLOPT_HEADERDATA, static_cast<void*>(t.get()));
  set(easy, CURLOPT_WRITEFUNCTION, &on_body);
  set(easy, CURLOPT_WRITEDATA, static_cast<void*>(t.get()));
  if (!settings_.ca_file.empty()) set(easy, CURLOPT_CAINFO, settings_.ca_file.c_str());
  if (!settings_.ca_dir.empty()) set(easy, CURLOPT_CAPATH, settings_.ca_dir.c_str());
  if (exchange.tls != nullptr) set_tls(easy, *exchange.tls);
  if (exchange.any_certificate) {
    set(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    set(easy, CURLOPT_SSL_VERIFYHOST, 0L);
  }
  if (exchange.auth) {
    set(easy, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    set(easy, CURLOPT_USERNAME, exchange.auth->user.c_str());
    set(easy, CURLOPT_PASSWORD, exchange.auth->password.c_str());
  }
  return t;
}

void Engine::Loop::send(Order order, Transfer& t) {
  bool wakes = false;
  {
    const std::lock_guard lock(mutex_);
    orders_.emplace_back(order, &t);
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    wakes = std::exchange(sleeps_, false);
  }
  if (wakes) curl().multi_wakeup(multi_);
}

// The caller's side: waits, hands over what came, until the loop's thread has let go of the transfer.
Result<Ending> Engine::Loop::drive(Transfer& t, Receiver& receiver, std::stop_token stop) {
  send(Order::add, t);
  bool head_given = false;
  bool enough = false;
  std::optional<Error> failure;
  std::string piece;
  const auto box = t.box;
  const std::stop_callback on_stop(stop, [&box = *box] {
    {
      const std::lock_guard lock(box.mutex);
      box.stopped = true;
    }
    box.changed.notify_one();
  });
  const auto give_up = [&] {
    send(Order::end, t);
    std::unique_lock lock(box->mutex);
    box->changed.wait(lock, [&] { return box->done; });
  };
  const auto judge = [&](const Result<bool>& verdict) {
    if (!verdict) failure = verdict.error();
    enough = verdict && !*verdict;
    return !failure && !enough;
  };
  while (!failure && !enough) {
    bool resume = false;
    bool give_head = false;
    bool done = false;
    {
      std::unique_lock lock(box->mutex);
      box->changed.wait(lock, [&] {
        return box->stopped || box->done || !box->pending.empty() || (box->head_ready && !head_given);
      });
      if (box->stopped) {
        failure = Error(Kind::cancelled, "cancelled");
        break;
      }
      give_head = box->head_ready && !std::exchange(head_given, box->head_ready);
      done = box->done;
      piece.clear();
      piece.swap(box->pending);
      resume = std::exchange(box->paused, false);
    }
    if (resume && !done) send(Order::resume, t);
    if (give_head && !judge(receiver.head(box->head))) break;
    if (!piece.empty() && !judge(receiver.body(as_bytes(piece)))) break;
    if (done) return box->ending;
  }
  give_up();
  if (failure) return fail(std::move(*failure));
  return Ending{};
}

void Engine::Loop::run() {
  // Signals belong to the threads of the program.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  std::vector<std::pair<Order, Transfer*>> orders;
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (quit_) return;  // every run() has returned before the Engine goes
      orders.swap(orders_);
    }
    for (const auto& [order, transfer] : orders) obey(order, transfer);
    orders.clear();
    int running = 0;
    curl().multi_perform(multi_, &running);
    collect();
    tell_news();
    const auto now = Clock::now();
    expire(now);
    {
      const std::lock_guard lock(mutex_);
      sleeps_ = orders_.empty() && !quit_;
      if (!sleeps_) continue;
    }
    curl().multi_poll(multi_, nullptr, 0, static_cast<int>(next_wait(now).count()), nullptr);
  }
}

// Orders are obeyed in the order they came, so one for a transfer that has ended meanwhile finds it absent
// from active_, even where a new one has its address.
void Engine::Loop::obey(Order order, Transfer* t) {
  if (order == Order::add) {
    t->last_byte = Clock::now();
    active_.push_back(t);
    if (curl().multi_add_handle(multi_, t->easy.get()) != CURLM_OK) end_by_code(*t, CURLE_FAILED_INIT);
    return;
  }
  if (std::find(active_.begin(), active_.end(), t) == active_.end()) return;
  if (order == Order::end) {
    end(*t, {});
    return;
  }
  t->last_byte = Clock::now();
  curl().easy_pause(t->easy.get(), CURLPAUSE_CONT);
}

void Engine::Loop::collect() {
  int left = 0;
  while (const CURLMsg* message = curl().multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    char* user = nullptr;
    curl().easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &user);
    end_by_code(*reinterpret_cast<Transfer*>(user), message->data.result);
  }
}

// Once for all that came in one turn: a small answer is whole by then, and its caller wakes up once.
void Engine::Loop::tell_news() {
  for (Transfer* t : active_) {
    if (std::exchange(t->has_news, false)) t->box->changed.notify_one();
  }
}

Clock::time_point Engine::Loop::due(Transfer& t) const {
  const std::lock_guard lock(t.box->mutex);
  if (t.box->paused) return t.deadline;  // its caller is slow, not the host
  return std::min(t.deadline, t.last_byte + settings_.idle);
}

void Engine::Loop::expire(Clock::time_point now) {
  const auto copy = active_;
  for (Transfer* t : copy) {
    if (due(*t) > now) continue;
    Ending ending;
    ending.out_of_time = t->deadline <= now;
    ending.outcome = t->any_byte ? Outcome::cut : Outcome::silent;
    ending.reason = t->any_byte ? "stalled: i/o timeout" : "i/o timeout";
    end(*t, std::move(ending));
  }
}

Millis Engine::Loop::next_wait(Clock::time_point now) const {
  auto wait = k_idle_poll;
  for (Transfer* t : active_) {
    wait = std::min(wait, std::chrono::ceil<Millis>(due(*t) - now));
  }
  return std::max(wait, Millis(0));
}

namespace {

// In the words of the go command.
std::string dialling(const Transfer& t) {
  return fmt::format("{}dial tcp{}{}: ", t.proxied ? "proxyconnect tcp: " : "", t.dialled.empty() ? "" : " ",
                     t.dialled);
}

// "HOST: ", which only curl's own words tell, since it may be the proxy's.
std::string looked_up(const Transfer& t) {
  const auto words = cut(t.curl_words.data(), ": ");
  return words ? std::string(words->second) + ": " : std::string();
}

}  // namespace

Ending Engine::Loop::ending_of(Transfer& t, CURLcode code) const {
  if (t.headers_too_large) return {Outcome::hopeless, "response headers too large"};
  // A proxy that opens no tunnel has answered, however curl calls it; only its own trouble passes.
  long tunnel = 0;
  curl().easy_getinfo(t.easy.get(), CURLINFO_HTTP_CONNECTCODE, &tunnel);
  if (code != CURLE_OK && tunnel >= 300) {
    return {tunnel >= 500 ? Outcome::cut : Outcome::hopeless,
            fmt::format("the proxy answered CONNECT with {}", tunnel)};
  }
  const Verdict verdict = verdict_of(code);
  Ending ending{verdict.outcome, std::string(verdict.reason)};
  long number = 0;
  curl().easy_getinfo(t.easy.get(), CURLINFO_OS_ERRNO, &number);
  if (code == CURLE_COULDNT_CONNECT || code == CURLE_OPERATION_TIMEDOUT) {
    if (code == CURLE_COULDNT_CONNECT && number != 0)
      ending.reason = errno_error("connect", static_cast<int>(number)).message();
    if (number == ETIMEDOUT) ending.outcome = Outcome::silent;
    ending.reason.insert(0, dialling(t));
  } else if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY) {
    ending.reason = dialling(t) + "lookup " + looked_up(t) + "no such host";
  } else if (code == CURLE_PEER_FAILED_VERIFICATION && t.curl_words[0] != '\0') {
    ending.reason.append(": ").append(t.curl_words.data());
  } else if (ending.reason.empty() && code != CURLE_OK) {
    ending.reason = t.curl_words[0] != '\0' ? t.curl_words.data() : curl().easy_strerror(code);
    lower_first(ending.reason);
  }
  return ending;
}

void Engine::Loop::end_by_code(Transfer& t, CURLcode code) {
  end(t, ending_of(t, code));
}

void Engine::Loop::end(Transfer& t, Ending ending) {
  curl().multi_remove_handle(multi_, t.easy.get());
  std::erase(active_, &t);
  const auto box = t.box;  // the caller may free the transfer as soon as the lock is released
  {
    const std::lock_guard lock(box->mutex);
    box->ending = std::move(ending);
    box->done = true;
  }
  box->changed.notify_one();
}

Engine::Engine(Settings settings) : settings_(std::move(settings)) {}
Engine::~Engine() = default;

Result<Engine::Loop*> Engine::loop() {
  TRY(open_curl());
  const std::lock_guard lock(mutex_);
  if (!loop_) loop_ = std::make_unique<Loop>(settings_);
  return loop_.get();
}

Result<Ending> Engine::run(const Exchange& exchange, Receiver& receiver, std::stop_token stop) {
  auto* const loop = TRY(this->loop());
  const auto transfer = loop->prepare(exchange);
  return loop->drive(*transfer, receiver, std::move(stop));
}

}  // namespace larder::http
