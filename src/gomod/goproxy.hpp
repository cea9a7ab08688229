// SPDX-License-Identifier: Apache-2.0
// The GOPROXY list: where modules come from, in which order, and which failure lets the next entry try.
// Thread rule: pure functions. Spec: go-modules.md 5.1.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace larder::gomod {

struct ProxyEntry {
  enum class Kind {
    url,      // http, https or file
    off,      // fails everything; last
    direct,   // version control; last
    noproxy,  // implicit first entry: direct, but only for modules that match GONOPROXY
  };
  Kind kind;
  std::string url;  // with a scheme; empty for the other kinds. May hold user info: redact before printing
  bool fall_back_on_any_error;  // '|' stands after it (else ',' or the end: only after not found)

  friend bool operator==(const ProxyEntry&, const ProxyEntry&) = default;
};

// What "off" answers. go says it of a module without the module's name in most places.
inline constexpr std::string_view k_lookup_disabled = "module lookup disabled by GOPROXY=off";

// An empty goproxy yields no entries (besides noproxy): the caller fills in the default before. gonoproxy is
// the effective value, GOPRIVATE already taken for its default. Errors carry go's texts; passwords in them
// are masked.
Result<std::vector<ProxyEntry>> parse_goproxy(std::string_view goproxy, std::string_view gonoproxy);

// The URL with its password replaced by "xxxxx".
std::string redact_url(std::string_view url);

}  // namespace larder::gomod
