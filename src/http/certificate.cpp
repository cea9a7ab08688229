// SPDX-License-Identifier: Apache-2.0
#include "http/certificate.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "base/text.hpp"
#include "http/curl_library.hpp"
#include "http/date.hpp"
#include "http/transfer.hpp"
#include "http/url.hpp"

namespace larder::http {

namespace {

int on_progress(void* stop, curl_off_t /*total*/, curl_off_t /*now*/, curl_off_t /*up*/,
                curl_off_t /*sent*/) {
  return static_cast<const std::stop_token*>(stop)->stop_requested() ? 1 : 0;
}

template <class Value>
void set(const Easy& easy, CURLoption option, Value value) {
  curl().easy_setopt(easy.get(), option, value);
}

// "Nov 21 21:00:00 2026 GMT", as HTTP has it. The day of the week does not matter.
std::optional<std::int64_t> parse_end(std::string_view text) {
  const auto words = fields(text);
  if (words.size() != 5) return std::nullopt;
  return parse_http_date(
      fmt::format("Sun, {} {} {} {} {}", words[1], words[0], words[3], words[2], words[4]));
}

std::optional<std::int64_t> first_end(const curl_certinfo& chain) {
  std::optional<std::int64_t> out;
  for (int i = 0; i < chain.num_of_certs; ++i) {
    for (const auto* item = chain.certinfo[i]; item != nullptr; item = item->next) {
      const auto parts = cut(item->data, ":");
      const auto end = parts && parts->first == "Expire date" ? parse_end(parts->second) : std::nullopt;
      if (end) out = std::min(out.value_or(*end), *end);
    }
  }
  return out;
}

}  // namespace

Result<std::int64_t> certificate_end(const std::string& url, const NetworkSettings& network, Millis patience,
                                     const std::stop_token& stop) {
  const auto parsed = TRY(Url::parse(url));
  if (!parsed.https()) return fail(Kind::invalid, "no https URL");
  TRY(open_curl());
  const Easy easy(curl().easy_init());
  if (!easy) return fail(Kind::unavailable, "no room for a connection");
  const auto proxy = proxy_for(network, parsed).value_or("");
  const auto place = "https://" + parsed.authority() + "/";
  set(easy, CURLOPT_URL, place.c_str());
  set(easy, CURLOPT_PROTOCOLS_STR, "https");
  set(easy, CURLOPT_CONNECT_ONLY, 1L);
  set(easy, CURLOPT_CERTINFO, 1L);
  set(easy, CURLOPT_SSL_VERIFYPEER, 0L);
  set(easy, CURLOPT_SSL_VERIFYHOST, 0L);
  set(easy, CURLOPT_PROXY, proxy.c_str());
  set(easy, CURLOPT_NOPROXY, "");
  set(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(patience.count()));
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_NOPROGRESS, 0L);
  set(easy, CURLOPT_XFERINFOFUNCTION, &on_progress);
  set(easy, CURLOPT_XFERINFODATA, static_cast<const void*>(&stop));
  const auto done = curl().easy_perform(easy.get());
  if (stop.stop_requested()) return fail(Kind::cancelled, "cancelled");
  if (done != CURLE_OK) return fail(Kind::unavailable, curl().easy_strerror(done));
  curl_certinfo* chain = nullptr;
  curl().easy_getinfo(easy.get(), CURLINFO_CERTINFO, &chain);
  const auto end = chain == nullptr ? std::nullopt : first_end(*chain);
  if (!end) return fail(Kind::unavailable, "it shows no certificate");
  return *end;
}

}  // namespace larder::http
