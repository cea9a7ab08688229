// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/doctor_probes.hpp"
#include "cli/wiring.hpp"
#include "gomod/goproxy.hpp"
#include "http/certificate.hpp"
#include "http/date.hpp"
#include "http/url.hpp"

namespace larder::cli {

namespace {

constexpr std::int64_t k_skew = 5LL * 60;  // seconds; certificates and ages do not mind less
constexpr std::chrono::seconds k_patience{10};
constexpr std::int64_t k_day = 24LL * 60 * 60;
constexpr std::int64_t k_soon = 14 * k_day;  // seconds; enough to have a certificate renewed

struct Said {
  std::string asked;
  std::string url;  // redacted
  Result<http::Response> answer;
};

// One question to each proxy of GOPROXY: what it says does not matter, that it speaks does.
std::vector<Said> ask_proxies(const Patient& patient) {
  std::vector<Said> out;
  const auto& session = patient.session;
  auto settings = fetch_settings(session);
  if (const auto& from = session.config.from_file.stock_from) settings.goproxy = *from;
  const auto entries = gomod::parse_goproxy(settings.goproxy, "");
  const auto upstream = open_upstream(session, settings, {.idle_timeout = k_patience});
  if (!entries || !upstream) return out;
  for (const auto& entry : *entries) {
    if (entry.kind != gomod::ProxyEntry::Kind::url || entry.url.starts_with("file:")) continue;
    http::Request request;
    request.url = entry.url + (entry.url.ends_with('/') ? "" : "/");
    request.body_limit = 16U << 20U;
    out.push_back({entry.url, http::redact(entry.url), upstream->client->get(request, session.stop)});
  }
  return out;
}

void look_at_answer(const Said& said, Findings& out) {
  const auto& url = said.url;
  const auto& answer = said.answer;
  if (!answer) {
    out.add(fmt::format("{} cannot be reached: {}", url, answer.error().message()),
            "nothing can be fetched from it",
            fmt::format("curl -v {}; then mend the network, HTTPS_PROXY, SSL_CERT_FILE, or GOPROXY", url));
  } else if (answer->status == 401 || answer->status == 403 || answer->status == 407) {
    out.add(fmt::format("{} answers {}", url, answer->status_line()),
            "it does not know who asks, or does not like it",
            "set GOAUTH, or name a token in [[upstream]] of larder.toml");
  } else if (answer->status >= 500) {
    out.add(fmt::format("{} answers {}", url, answer->status_line()), "the upstream is in trouble",
            fmt::format("curl -v {}; ask who runs it", url));
  }
}

void look_at_clock(const Said& said, std::int64_t now, Findings& out) {
  const auto date = said.answer ? said.answer->header("date") : std::nullopt;
  const auto theirs = date ? http::parse_http_date(*date) : std::nullopt;
  if (!theirs) return;
  const auto ahead = now - *theirs;
  if (ahead >= -k_skew && ahead <= k_skew) return;
  out.add(fmt::format("this clock is {} s {} that of {}", ahead < 0 ? -ahead : ahead,
                      ahead < 0 ? "behind" : "ahead of", said.url),
          "certificates look expired or not yet valid, and a policy's minimum age is judged wrongly",
          "timedatectl set-ntp true");
}

// One more handshake: an answer does not tell, and where it has expired there is none.
void look_at_certificate(const Said& said, const Patient& patient, Findings& out) {
  if (!said.asked.starts_with("https://")) return;
  const auto& session = patient.session;
  const auto end = http::certificate_end(said.asked, network_settings(session), k_patience, session.stop);
  if (!end || *end > patient.now + k_soon) return;
  const bool is_over = *end <= patient.now;
  const auto days = (is_over ? patient.now - *end : *end - patient.now) / k_day;
  out.add(fmt::format("the certificate of {} {} {} days{}", said.url, is_over ? "expired" : "expires in",
                      days, is_over ? " ago" : ""),
          is_over ? "nothing can be fetched from it" : "from then on nothing can be fetched from it",
          fmt::format("ask who runs {} to renew it", said.url));
}

void look_at_upstreams(const Patient& patient, Findings& out) {
  for (const auto& said : ask_proxies(patient)) {
    look_at_answer(said, out);
    out.begin("clock");
    look_at_clock(said, patient.now, out);
    out.begin("certificate");
    look_at_certificate(said, patient, out);
    out.begin("upstream");
  }
}

}  // namespace

std::span<const Probe> upstream_probes() {
  static constexpr std::array<Probe, 1> k_probes = {{
      {"upstream",
       "do the proxies answer, is their certificate good for long, does the clock agree with theirs",
       look_at_upstreams},
  }};
  return k_probes;
}

}  // namespace larder::cli
