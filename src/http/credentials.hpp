// SPDX-License-Identifier: Apache-2.0
// The port through which the client learns who to be where. It asks for https alone, never for a URL that
// brings its own user, and sends what it gets to the host of that URL only.
// Thread rule: any number of threads at once; a call may take as long as a person needs to type a password.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace larder::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

// An answer 4xx.
struct Refusal {
  std::string status_line;  // "401 Unauthorized"
  Headers headers;          // names in lower case
};

class Credentials {
 public:
  virtual ~Credentials() = default;
  // What to send with a request to this URL; empty where nothing is known. An error ends the request.
  virtual Result<Headers> headers_for(const std::string& url, std::stop_token stop) = 0;
  // It was refused although `sent` came with it: what to ask once more with; nullopt: nothing else is known.
  virtual Result<std::optional<Headers>> after_refusal(const std::string& url, const Headers& sent,
                                                       const Refusal& refusal, std::stop_token stop) = 0;
  // Is what it said of `url` good for `other` too, on the same host, where a redirect leads?
  virtual bool cover(const std::string& /*url*/, const std::string& /*other*/) { return true; }
  // How the host answered what after_refusal gave.
  virtual void settled(const std::string& url, const Headers& sent, int status) = 0;
};

}  // namespace larder::http
