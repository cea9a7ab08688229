// SPDX-License-Identifier: Apache-2.0
#include "http/redirect.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.hpp"

namespace larder::http {

bool is_redirect(int status) {
  constexpr std::array k_redirects = {301, 302, 303, 307, 308};
  return std::find(k_redirects.begin(), k_redirects.end(), status) != k_redirects.end();
}

Result<Url> redirect_target(const Url& from, std::string_view location, unsigned made, RedirectRules rules) {
  const std::string place = "Get " + quote(redact(location));
  Result<Url> to = from.resolve(location).context(place);
  if (!to) return to;
  if (made >= rules.limit) {
    return fail(Kind::invalid, place + ": stopped after " + std::to_string(rules.limit) + " redirects");
  }
  if (from.https() && !to->https() && !rules.may_be_insecure) {
    return fail(Kind::invalid, place + ": redirected from secure URL " + from.redacted() +
                                   " to insecure URL " + to->redacted());
  }
  to->user.reset();
  to->password.reset();
  return to;
}

}  // namespace larder::http
