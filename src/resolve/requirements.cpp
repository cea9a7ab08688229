// SPDX-License-Identifier: Apache-2.0
#include "resolve/requirements.hpp"

#include <algorithm>
#include <set>

namespace larder::resolve {

std::optional<std::string_view> Requirements::root_version(std::string_view path) const {
  const auto after =
      std::ranges::upper_bound(roots, path, {}, [](const Module& m) -> std::string_view { return m.path; });
  if (after == roots.begin() || std::prev(after)->path != path) return std::nullopt;
  return std::prev(after)->version;
}

Requirements override_roots(Requirements requirements, const std::vector<Module>& replace) {
  std::set<std::string_view> paths;
  for (const Module& m : replace) paths.insert(m.path);
  std::erase_if(requirements.roots, [&](const Module& m) { return paths.contains(m.path); });
  requirements.roots.insert(requirements.roots.end(), replace.begin(), replace.end());
  sort_modules(requirements.roots);
  return requirements;
}

}  // namespace larder::resolve
