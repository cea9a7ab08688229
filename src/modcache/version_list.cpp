// SPDX-License-Identifier: Apache-2.0
#include "modcache/version_list.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "gomod/semver.hpp"
#include "modcache/locked_file.hpp"
#include "sys/lock.hpp"

namespace larder::modcache {

std::string render_list(const std::vector<sys::DirEntry>& entries) {
  std::vector<std::string_view> versions;
  for (const sys::DirEntry& entry : entries) {
    std::string_view name = entry.name;
    if (!name.ends_with(".mod")) continue;
    name.remove_suffix(4);
    if (!name.empty() && gomod::semver::canonical_version(name) == name) versions.push_back(name);
  }
  std::sort(versions.begin(), versions.end(), gomod::semver::less);
  std::string text;
  for (const std::string_view version : versions) text.append(version).append("\n");
  return text;
}

std::vector<std::string> parse_list(std::string_view text) {
  std::vector<std::string> versions;
  for (const std::string_view line : lines(text)) {
    if (gomod::semver::valid(line)) versions.emplace_back(line);
  }
  return versions;
}

Result<void> refresh_list_in(const sys::Path& versions_dir) {
  const sys::Path file = versions_dir / "list";
  const auto lock = TRY(sys::FileLock::exclusive(file));
  return rewrite(lock, render_list(TRY(sys::list_dir(versions_dir))), file);
}

}  // namespace larder::modcache
