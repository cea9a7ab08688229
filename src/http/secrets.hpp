// SPDX-License-Identifier: Apache-2.0
// What a server may have learned from us and quotes in its answer: texts of refusals end up in errors and
// logs. Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/credentials.hpp"

namespace larder::http {

// The secret parts of what was sent, the longest first: values of headers, what follows their scheme
// ("Bearer …"), and the password of basic authentication (RFC 7617).
std::vector<std::string> secrets_of(const Headers& sent);
// Of a user and a password, as they are and as a header has them.
std::vector<std::string> secrets_of(std::string_view user, std::string_view password);

// Each of them becomes "xxxxx", as in URLs.
void hide(std::string& text, const std::vector<std::string>& secrets);

}  // namespace larder::http
