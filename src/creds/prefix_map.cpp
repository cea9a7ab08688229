// SPDX-License-Identifier: Apache-2.0
#include "creds/prefix_map.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace larder::creds {

std::string prefix_key(std::string_view url) {
  constexpr std::string_view k_scheme = "https://";
  if (url.starts_with(k_scheme)) url.remove_prefix(k_scheme.size());
  if (url.ends_with('/')) url.remove_suffix(1);
  const auto slash = std::min(url.find('/'), url.size());
  return lower_ascii(url.substr(0, slash)).append(url.substr(slash));
}

}  // namespace larder::creds
