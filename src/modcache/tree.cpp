// SPDX-License-Identifier: Apache-2.0
#include "modcache/tree.hpp"

#include <random>
#include <string>

namespace larder::modcache {

namespace {

constexpr std::string_view k_temp_mark = ".tmp-";

Path temp_path(const Path& target) {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  const auto digits = std::uniform_int_distribution<unsigned>(0, 999'999'999)(generator);
  return target.native() + std::string(k_temp_mark) + std::to_string(digits);
}

// A failure to remove is no failure of what comes next: the next one sweeps again.
void remove_named(const Path& folder, std::string_view prefix, std::string_view suffix) {
  const auto entries = sys::list_dir(folder);
  if (!entries) return;
  for (const sys::DirEntry& entry : *entries) {
    const std::string_view name = entry.name;
    if (name.size() < prefix.size() + suffix.size() || !name.starts_with(prefix) || !name.ends_with(suffix)) {
      continue;
    }
    static_cast<void>(sys::remove_tree(folder / entry.name).has_value());
  }
}

}  // namespace

TempTree::TempTree(const Path& target) : path_(temp_path(target)), target_(target) {}

TempTree::~TempTree() {
  if (!path_.empty()) static_cast<void>(sys::remove_tree(path_).has_value());
}

Result<void> TempTree::publish() {
  TRY(sys::rename(path_, target_));
  path_.clear();
  return {};
}

void sweep_leftovers(const Paths& paths) {
  remove_named(paths.versions_dir(), paths.zip().filename().native(), ".tmp");
  const Path dir = paths.dir();
  remove_named(dir.parent_path(), dir.filename().native() + std::string(k_temp_mark), "");
}

}  // namespace larder::modcache
