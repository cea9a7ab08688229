// SPDX-License-Identifier: Apache-2.0
// The [[upstream]] sections of larder.toml: which secret, client certificate and authority belong to which
// upstream. Secrets are named, by file or environment variable, and read when the first request needs them.
//
// Invariants: a secret goes to URLs below its upstream's and nowhere else, over https alone; no message holds
// one. Thread rule: values; UpstreamCredentials as http::Credentials.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "creds/prefix_map.hpp"
#include "http/client.hpp"
#include "http/credentials.hpp"
#include "sys/parallel.hpp"
#include "sys/process.hpp"

namespace larder::creds {

// A file or an environment variable that holds a secret; one of both, or none.
struct SecretName {
  std::filesystem::path file;
  std::string variable;

  bool named() const { return !file.empty() || !variable.empty(); }
  std::string str() const;  // "file /etc/larder/token", "environment variable TOKEN"
};

struct Upstream {
  std::string url;     // https://host[:port][/path], without user info
  SecretName token;    // sent as "Authorization: Bearer …", or in `header`
  std::string header;  // "Private-Token"
  std::string user;    // with `password`: basic authentication
  SecretName password;
  std::filesystem::path ca_file;      // PEM: the authorities of this host, in place of the system's
  std::filesystem::path client_cert;  // PEM
  std::filesystem::path client_key;   // PEM, not encrypted; empty: it is in client_cert

  bool has_secret() const { return token.named() || password.named(); }
};

// Are the parts of it possible, and possible together? Kind::invalid names the key: "token_file and token_env
// exclude each other".
Result<void> check_upstream(const Upstream& upstream);

// For http::Options::tls; two upstreams of one host are one.
std::vector<http::HostTls> tls_of(const std::vector<Upstream>& upstreams);

class UpstreamCredentials final : public http::Credentials {
 public:
  // warn: a file that others can read. next: asked about all other URLs; not nullptr.
  using Warn = std::function<void(const Error& warning)>;
  UpstreamCredentials(std::vector<Upstream> upstreams, sys::Environment environment, Warn warn,
                      std::shared_ptr<http::Credentials> next);

  // What an upstream of larder.toml has for this URL; nothing where none is named.
  Result<http::Headers> named_for(const std::string& url);
  // Kind::invalid where the secret cannot be had.
  Result<http::Headers> headers_for(const std::string& url, std::stop_token stop) override;
  // A file is read again: somebody may have put a new token there.
  Result<std::optional<http::Headers>> after_refusal(const std::string& url, const http::Headers& sent,
                                                     const http::Refusal& refusal,
                                                     std::stop_token stop) override;
  // Below the same [[upstream]]; what netrc and GOAUTH say is good for a whole host.
  bool cover(const std::string& url, const std::string& other) override {
    return find(url) == nullptr ? next_->cover(url, other) : find(url) == find(other);
  }
  void settled(const std::string& url, const http::Headers& sent, int status) override;

 private:
  const Upstream* find(const std::string& url) const;
  Result<http::Headers> read(const Upstream& upstream) const;
  Result<std::string> secret(const Upstream& upstream, const SecretName& name) const;
  void look_at_mode(const std::filesystem::path& file) const;

  const std::vector<Upstream> upstreams_;  // with secrets
  const sys::Environment environment_;
  const Warn warn_;
  const std::shared_ptr<http::Credentials> next_;
  PrefixMap<const Upstream*> places_;  // into upstreams_
  sys::Sync<std::map<const Upstream*, http::Headers>> known_;
};

}  // namespace larder::creds
