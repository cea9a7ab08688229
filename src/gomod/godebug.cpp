// SPDX-License-Identifier: Apache-2.0
#include "gomod/godebug.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.hpp"
#include "gomod/goversion.hpp"

namespace larder::gomod {

namespace {

// Known to 1.26 and to 1.27, but for what the tables below say. Ascending.
constexpr std::string_view k_known[] = {"allowmultiplevcs",
                                        "asynctimerchan",
                                        "containermaxprocs",
                                        "cryptocustomrand",
                                        "dataindependenttiming",
                                        "decoratemappings",
                                        "embedfollowsymlinks",
                                        "execerrdot",
                                        "fips140",
                                        "fips140ems",
                                        "gocachehash",
                                        "gocachetest",
                                        "gocacheverify",
                                        "gotestjsonbuildtext",
                                        "gotypesalias",
                                        "htmlmetacontenturlescape",
                                        "http2client",
                                        "http2debug",
                                        "http2server",
                                        "httpcookiemaxnum",
                                        "httplaxcontentlength",
                                        "httpmuxgo121",
                                        "httpservecontentkeepheaders",
                                        "installgoroot",
                                        "jstmpllitinterp",
                                        "multipartfiles",
                                        "multipartmaxheaders",
                                        "multipartmaxparts",
                                        "multipathtcp",
                                        "netdns",
                                        "netedns0",
                                        "panicnil",
                                        "randautoseed",
                                        "randseednop",
                                        "rsa1024min",
                                        "tarinsecurepath",
                                        "tls10server",
                                        "tls3des",
                                        "tlsmaxrsasize",
                                        "tlsmlkem",
                                        "tlsrsakex",
                                        "tlssecpmlkem",
                                        "tlssha1",
                                        "tlsunsafeekm",
                                        "tracebacklabels",
                                        "updatemaxprocs",
                                        "urlmaxqueryparams",
                                        "urlstrictcolons",
                                        "winreadlinkvolume",
                                        "winsymlink",
                                        "x509keypairleaf",
                                        "x509negativeserial",
                                        "x509rsacrt",
                                        "x509sha256skid",
                                        "x509sslcertoverrideplatform",
                                        "x509usefallbackroots",
                                        "x509usepolicies",
                                        "zipinsecurepath"};
constexpr std::string_view k_new_in_127[] = {"tracebacklabels", "x509sslcertoverrideplatform"};

// Since 1.27 only the old value of a removed setting is an error.
struct Removed {
  std::string_view key;
  std::string_view old;  // "" stands for 1 and 2
  int minor;
};
constexpr Removed k_removed_in_127[] = {
    {"asynctimerchan", "", 27}, {"gotypesalias", "0", 27},    {"tls10server", "1", 27},
    {"tls3des", "1", 27},       {"tlskyber", "0", 24},        {"tlsrsakex", "1", 27},
    {"tlsunsafeekm", "1", 27},  {"x509keypairleaf", "0", 27}, {"x509sha1", "1", 24}};

Failure no_setting(std::string text) {
  return fail(Kind::invalid, std::move(text));
}

template <class List>
bool contains(const List& list, std::string_view word) {
  return std::ranges::find(list, word) != std::end(list);
}

Result<void> check_default(std::string_view value, std::string_view local_go) {
  if (!value.starts_with("go") || !goversion::valid(value.substr(2)))
    return no_setting("value for default= must be goVERSION");
  if (goversion::compare(value.substr(2), local_go) > 0)
    return no_setting(fmt::format("default={} too new (toolchain is go{})", value, local_go));
  return {};
}

}  // namespace

Result<void> check_godebug(std::string_view key, std::string_view value, std::string_view local_go) {
  if (key.find_first_of(" \t") != std::string_view::npos) return no_setting("key contains space");
  if (value.find_first_of(" \t") != std::string_view::npos) return no_setting("value contains space");
  if (key.find(',') != std::string_view::npos) return no_setting("key contains comma");
  if (value.find(',') != std::string_view::npos) return no_setting("value contains comma");
  if (key == "default") return check_default(value, local_go);
  const bool is_127 = goversion::compare(local_go, "1.27rc1") >= 0;
  if (is_127) {
    const auto removed = std::ranges::find(k_removed_in_127, key, &Removed::key);
    if (removed != std::end(k_removed_in_127)) {
      const bool is_old = removed->old.empty() ? value == "1" || value == "2" : value == removed->old;
      if (!is_old) return {};
      return no_setting(
          fmt::format("removed GODEBUG {} set to old value {} (https://go.dev/doc/godebug#go-1{})",
                      quote(key), quote(value), removed->minor));
    }
  }
  if (contains(k_known, key) && (is_127 || !contains(k_new_in_127, key))) return {};
  if (key == "x509sha1")
    return no_setting("use of removed godebug \"x509sha1\", see https://go.dev/doc/godebug#go-124");
  return no_setting("unknown godebug " + quote(key));
}

}  // namespace larder::gomod
