// SPDX-License-Identifier: Apache-2.0
#include "creds/upstream.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <sys/stat.h>

#include "base/text.hpp"
#include "creds/command_output.hpp"
#include "http/url.hpp"
#include "sys/regular_file.hpp"

namespace larder::creds {

namespace {

constexpr std::size_t k_max_secret = 16U << 10U;  // bytes

// What a header can carry.
bool is_secret(std::string_view text) {
  return !text.empty() && std::ranges::none_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

bool both(const SecretName& name) {
  return !name.file.empty() && !name.variable.empty();
}

// Headers that say how a message is read cannot be a place for a token.
bool may_carry_token(std::string_view header) {
  static constexpr std::array<std::string_view, 9> k_reserved = {
      "host",    "content-length", "transfer-encoding",  "connection", "range", "if-range",
      "upgrade", "expect",         "proxy-authorization"};
  return is_header_name(header) && std::ranges::find(k_reserved, lower_ascii(header)) == k_reserved.end();
}

struct Rule {
  bool (*broken)(const Upstream& upstream);
  std::string_view message;
};

constexpr std::array<Rule, 8> k_rules = {{
    {[](const Upstream& u) { return u.url.empty(); }, "url is missing"},
    {[](const Upstream& u) { return both(u.token); }, "token_file and token_env exclude each other"},
    {[](const Upstream& u) { return both(u.password); }, "password_file and password_env exclude each other"},
    {[](const Upstream& u) { return u.token.named() && u.password.named(); },
     "a token and a password exclude each other"},
    {[](const Upstream& u) { return u.password.named() == u.user.empty(); },
     "user and password_file or password_env belong together"},
    {[](const Upstream& u) { return u.user.find(':') != std::string::npos; }, "user cannot hold ':'"},
    {[](const Upstream& u) { return !u.header.empty() && (!u.token.named() || !may_carry_token(u.header)); },
     "header must be the name of a header for token_file or token_env"},
    {[](const Upstream& u) { return u.client_cert.empty() && !u.client_key.empty(); },
     "client_key without client_cert"},
}};

}  // namespace

std::string SecretName::str() const {
  return file.empty() ? "environment variable " + variable : "file " + file.native();
}

Result<void> check_upstream(const Upstream& upstream) {
  for (const auto& [broken, message] : k_rules) {
    if (broken(upstream)) return fail(Kind::invalid, std::string(message));
  }
  const auto url = TRY(http::Url::parse(upstream.url));
  if (url.user) {
    return fail(Kind::invalid, "url holds a user: " + url.redacted(),
                "name the user with user, and where its password is with password_file or password_env");
  }
  if (!url.https() && upstream.has_secret())
    return fail(Kind::invalid, "a secret goes over https only: " + url.str());
  if (url.target.find('?') != std::string::npos)
    return fail(Kind::invalid, "url holds a query: " + url.str());
  return {};
}

std::vector<http::HostTls> tls_of(const std::vector<Upstream>& upstreams) {
  std::vector<http::HostTls> out;
  for (const auto& upstream : upstreams) {
    const auto url = http::Url::parse(upstream.url);
    if (!url || !url->https() || (upstream.ca_file.empty() && upstream.client_cert.empty())) continue;
    const auto same = [&](const http::HostTls& t) {
      return t.host == url->host && t.port == url->effective_port();
    };
    auto at = std::ranges::find_if(out, same);
    if (at == out.end()) at = out.insert(out.end(), {url->host, url->effective_port(), "", "", ""});
    if (!upstream.ca_file.empty()) at->ca_file = upstream.ca_file;
    if (upstream.client_cert.empty()) continue;
    at->client_cert = upstream.client_cert;
    at->client_key = upstream.client_key.empty() ? upstream.client_cert : upstream.client_key;
  }
  return out;
}

UpstreamCredentials::UpstreamCredentials(std::vector<Upstream> upstreams, sys::Environment environment,
                                         Warn warn, std::shared_ptr<http::Credentials> next)
    : upstreams_(std::move(upstreams)),
      environment_(std::move(environment)),
      warn_(std::move(warn)),
      next_(std::move(next)) {
  for (const auto& upstream : upstreams_) {
    if (upstream.has_secret()) places_.store(upstream.url, &upstream);
  }
}

const Upstream* UpstreamCredentials::find(const std::string& url) const {
  // Unlike GOAUTH's prefixes: the query is no part of a path.
  const auto* found = places_.find(std::string_view(url).substr(0, url.find('?')));
  return found ? *found : nullptr;
}

Result<http::Headers> UpstreamCredentials::headers_for(const std::string& url, std::stop_token stop) {
  return find(url) == nullptr ? next_->headers_for(url, std::move(stop)) : named_for(url);
}

Result<http::Headers> UpstreamCredentials::named_for(const std::string& url) {
  const auto* upstream = find(url);
  if (upstream == nullptr) return http::Headers();
  auto known = known_.lock();
  if (const auto it = known->find(upstream); it != known->end()) return it->second;
  for (const auto& file : {upstream->token.file, upstream->password.file}) look_at_mode(file);
  return known->emplace(upstream, TRY(read(*upstream))).first->second;
}

Result<std::optional<http::Headers>> UpstreamCredentials::after_refusal(const std::string& url,
                                                                        const http::Headers& sent,
                                                                        const http::Refusal& refusal,
                                                                        std::stop_token stop) {
  const auto* upstream = find(url);
  if (upstream == nullptr) return next_->after_refusal(url, sent, refusal, std::move(stop));
  auto known = known_.lock();
  auto now = TRY(read(*upstream));
  if (now == sent) return std::nullopt;
  known->insert_or_assign(upstream, now);
  return now;
}

void UpstreamCredentials::settled(const std::string& url, const http::Headers& sent, int status) {
  if (find(url) == nullptr) next_->settled(url, sent, status);
}

Result<http::Headers> UpstreamCredentials::read(const Upstream& upstream) const {
  if (upstream.password.named())
    return basic_authorization(upstream.user, TRY(secret(upstream, upstream.password)));
  const auto token = TRY(secret(upstream, upstream.token));
  if (upstream.header.empty()) return http::Headers{{"Authorization", "Bearer " + token}};
  return http::Headers{{upstream.header, token}};
}

Result<std::string> UpstreamCredentials::secret(const Upstream& upstream, const SecretName& name) const {
  const auto wrong = [&](std::string_view what) {
    return fail(Kind::invalid, fmt::format("secret for {}: {} {}", upstream.url, name.str(), what),
                "see [[upstream]] in larder.toml");
  };
  std::string text;
  if (name.file.empty()) {
    const auto it = environment_.find(name.variable);
    if (it == environment_.end()) return wrong("is not set");
    text = it->second;
  } else {
    const auto held = sys::read_regular(name.file, k_max_secret);
    if (!held) return wrong("cannot be read: " + held.error().message());
    text = *held;
  }
  std::string out(trim(text));
  if (!is_secret(out)) return wrong(out.empty() ? "is empty" : "holds more than one line of text");
  return out;
}

void UpstreamCredentials::look_at_mode(const std::filesystem::path& file) const {
  struct stat status{};
  if (file.empty() || !warn_ || ::stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode) ||
      (status.st_mode & (S_IRWXG | S_IRWXO)) == 0)
    return;
  warn_({Kind::invalid,
         fmt::format("{}: others can read this secret (mode {:04o})", file.native(), status.st_mode & 07777U),
         fmt::format("chmod 600 {}", file.native())});
}

}  // namespace larder::creds
