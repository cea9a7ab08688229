// SPDX-License-Identifier: Apache-2.0
#include "http/transfer.hpp"

#include <cerrno>
#include <string_view>
#include <tuple>

#include <fmt/format.h>
#include <sys/socket.h>

#include "base/text.hpp"
#include "sys/socket_address.hpp"

namespace larder::http {

namespace {

// Bytes that curl asks the kernel for at once. Giving a large buffer back for each small answer costs more
// than the answer.
constexpr long k_read_size = 128L << 10U;
constexpr long k_small_read_size = 16L << 10U;
static_assert(k_small_read_size >= CURL_MAX_WRITE_SIZE);  // what curl takes where it does not obey

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
  if (t.group) {
    t.box->pending.append(data, bytes);
    return t.box->pending.size() > t.limit ? 0 : bytes;
  }
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

Easy Handles::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto out = std::move(idle_.back());
      idle_.pop_back();
      return out;
    }
  }
  Easy out(curl().easy_init());
  LARDER_ASSERT(out != nullptr);
  return out;
}

// What it was told is forgotten: credentials and addresses of one exchange are not another one's.
void Handles::give_back(Easy easy) {
  curl().easy_reset(easy.get());
  const std::lock_guard lock(mutex_);
  if (idle_.size() < k_most) idle_.push_back(std::move(easy));
}

std::unique_ptr<Transfer> make_transfer(const Exchange& exchange, const Engine::Settings& settings,
                                        HandlesBySize& handles, bool is_small) {
  auto t = std::make_unique<Transfer>(is_small ? handles.small : handles.large);
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
  set(easy, CURLOPT_USERAGENT, settings.user_agent.c_str());
  set(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(easy, CURLOPT_PROXY, exchange.proxy ? exchange.proxy->c_str() : "");
  set(easy, CURLOPT_NOPROXY, "");
  set(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings.connect.count()));
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_QUICK_EXIT, 1L);  // ending a transfer does not wait for a hanging name lookup
  set(easy, CURLOPT_BUFFERSIZE, is_small ? k_small_read_size : k_read_size);
  set(easy, CURLOPT_ERRORBUFFER, t->curl_words.data());
  set(easy, CURLOPT_PRIVATE, static_cast<void*>(t.get()));
  set(easy, CURLOPT_OPENSOCKETFUNCTION, &on_dial);
  set(easy, CURLOPT_OPENSOCKETDATA, static_cast<void*>(t.get()));
  set(easy, CURLOPT_HEADERFUNCTION, &on_header);
  set(easy, CURLOPT_HEADERDATA, static_cast<void*>(t.get()));
  set(easy, CURLOPT_WRITEFUNCTION, &on_body);
  set(easy, CURLOPT_WRITEDATA, static_cast<void*>(t.get()));
  if (!settings.ca_file.empty()) set(easy, CURLOPT_CAINFO, settings.ca_file.c_str());
  if (!settings.ca_dir.empty()) set(easy, CURLOPT_CAPATH, settings.ca_dir.c_str());
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

Ending ending_of(Transfer& t, CURLcode code) {
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

}  // namespace larder::http
