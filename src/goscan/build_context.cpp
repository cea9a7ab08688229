// SPDX-License-Identifier: Apache-2.0
#include "goscan/build_context.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "goscan/constraint.hpp"

namespace larder::goscan {

namespace {

constexpr auto k_unix =
    std::to_array<std::string_view>({"aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos",
                                     "ios", "linux", "netbsd", "openbsd", "solaris"});

// go1.N up to that of this go.
bool is_released(std::string_view tag, std::string_view go) {
  constexpr std::string_view k_word = "go1.";
  constexpr std::uint64_t k_most = 1000;
  if (!tag.starts_with(k_word) || !go.starts_with("1.")) return false;
  const auto wanted = parse_canonical_uint(tag.substr(k_word.size()), k_most);
  const auto rest = go.substr(2);
  const auto has = parse_uint(rest.substr(0, rest.find_first_not_of("0123456789")), k_most);
  return wanted && has && *wanted > 0 && *wanted <= *has;
}

}  // namespace

bool BuildContext::holds(std::string_view tag) const {
  if (tag == "cgo") return cgo;
  if (tag == "gc" || tag == goarch || system_holds(tag, goos)) return true;
  if (tag == "unix") return std::ranges::find(k_unix, goos) != k_unix.end();
  return is_released(tag, go);
}

}  // namespace larder::goscan
