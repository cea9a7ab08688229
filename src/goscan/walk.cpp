// SPDX-License-Identifier: Apache-2.0
#include "goscan/walk.hpp"

#include <algorithm>

namespace larder::goscan {

bool is_hidden_folder(std::string_view name) {
  return name == "testdata" || name.starts_with('.') || name.starts_with('_');
}

bool is_source_name(std::string_view name) {
  return name.ends_with(".go") && !name.starts_with('.') && !name.starts_with('_');
}

bool is_test_name(std::string_view name) {
  return name.ends_with("_test.go");
}

namespace {

// "x/y" as "/x/y/"; "" as "/", which is in front of every folder.
std::string between_slashes(std::string_view path) {
  std::string out(path.starts_with('/') ? "" : "/");
  out += path;
  return out.ends_with('/') ? out : out + '/';
}

}  // namespace

IgnoreRules::IgnoreRules(const std::vector<std::string>& patterns) {
  for (const std::string_view pattern : patterns) {
    if (pattern.starts_with("./")) {
      prefixes_.push_back(between_slashes(pattern.substr(2)));
    } else {
      anywhere_.push_back(between_slashes(pattern));
    }
  }
}

bool IgnoreRules::ignores(std::string_view relative) const {
  if (relative.empty() || (prefixes_.empty() && anywhere_.empty())) return false;
  const auto folder = between_slashes(relative);
  return std::ranges::any_of(prefixes_, [&](const auto& p) { return folder.starts_with(p); }) ||
         std::ranges::any_of(anywhere_, [&](const auto& p) { return folder.find(p) != std::string::npos; });
}

}  // namespace larder::goscan
