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

IgnoreRules::IgnoreRules(const std::vector<std::string>& patterns) {
  for (const std::string_view pattern : patterns) {
    const bool rooted = pattern.starts_with("./");
    auto body = rooted ? pattern.substr(2) : pattern;
    while (body.starts_with('/')) body.remove_prefix(1);
    while (body.ends_with('/')) body.remove_suffix(1);
    if (body.empty()) continue;
    if (rooted) {
      prefixes_.push_back(std::string(body) + '/');
    } else {
      anywhere_.push_back('/' + std::string(body) + '/');
    }
  }
}

bool IgnoreRules::ignores(std::string_view relative) const {
  if (relative.empty() || (prefixes_.empty() && anywhere_.empty())) return false;
  const auto folder = '/' + std::string(relative) + '/';
  return std::ranges::any_of(prefixes_, [&](const auto& p) { return folder.compare(1, p.size(), p) == 0; }) ||
         std::ranges::any_of(anywhere_, [&](const auto& p) { return folder.find(p) != std::string::npos; });
}

}  // namespace larder::goscan
