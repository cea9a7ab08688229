// SPDX-License-Identifier: Apache-2.0
// What GOAUTH commands and `git credential fill` print, and the words of a GOAUTH command line. No message
// holds a line of an output: it may be a secret. Thread rule: pure functions. Spec: go-modules.md 5.8.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "http/credentials.hpp"

namespace larder::creds {

struct Grant {
  std::string prefix;     // a URL
  http::Headers headers;  // empty: what is known for the prefix holds no longer
};

// Blocks of URL lines, an empty line, "Name: value" lines, an empty line. In the order given.
Result<std::vector<Grant>> parse_command_output(std::string_view text);

bool is_header_name(std::string_view name);

// Names as HTTP has them in Go ("Www-Authenticate"), for the response that a command reads.
std::string canonical_header_name(std::string_view name);

struct GitCredential {
  std::string prefix;  // "https://host/path"; as far as git said it
  std::string user;
  std::string password;
};
GitCredential parse_git_credential(std::string_view text);

http::Headers basic_authorization(std::string_view user, std::string_view password);

}  // namespace larder::creds
