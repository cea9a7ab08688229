// SPDX-License-Identifier: Apache-2.0
#include "modzip/paths.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace larder::modzip {

bool is_clean(std::string_view path) {
  if (path == "." || path == "/") return true;
  const bool rooted = path.starts_with('/');
  bool climbing = !rooted;  // only ".." so far: those cannot be resolved, so they stay
  std::string_view rest = rooted ? path.substr(1) : path;
  while (true) {
    const auto slash = rest.find('/');
    const auto element = rest.substr(0, slash);
    if (element.empty() || element == "." || (element == ".." && !climbing)) return false;
    climbing = climbing && element == "..";
    if (slash == std::string_view::npos) return true;
    rest.remove_prefix(slash + 1);
  }
}

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

std::string_view parent_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

bool is_go_mod(std::string_view path) {
  constexpr std::string_view k_name = "go.mod";
  const auto base = base_name(path);
  return std::equal(base.begin(), base.end(), k_name.begin(), k_name.end(),
                    [](char a, char b) { return to_lower_ascii(a) == b; });
}

}  // namespace larder::modzip
