// SPDX-License-Identifier: Apache-2.0
#include "sumstore/unfinished.hpp"

#include <string>

#include "sumstore/layout.hpp"

namespace larder::sumstore {

namespace {

constexpr int k_max_folders = 66;  // of folders below "lookup" and "tile"

bool is_unfinished(std::string_view file) {
  constexpr std::string_view k_end = ".tmp";
  if (!file.ends_with(k_end) || module_of(file)) return false;
  const auto stem = file.substr(0, file.size() - k_end.size());
  return !stem.empty() && stem.back() >= '0' && stem.back() <= '9';
}

// file names begin below `prefix`, which has its slash.
void walk(store::Store& store, const std::string& prefix, const std::string& folder, int depth) {
  const auto place = prefix + folder;
  const auto children = store.list(folder.empty() ? place.substr(0, place.size() - 1) : place);
  if (!children) return;
  for (const auto& child : *children) {
    const auto file = folder.empty() ? child.name : folder + "/" + child.name;
    if (child.is_prefix && depth > 0) walk(store, prefix, file, depth - 1);
    if (!child.is_prefix && is_unfinished(file)) static_cast<void>(store.remove(prefix + file).has_value());
  }
}

}  // namespace

void remove_unfinished(store::Store& store, std::string_view name) {
  const auto prefix = prefix_of(name) + "/";
  walk(store, prefix, "", 0);  // a database of another name may lie below
  for (const auto* folder : {"lookup", "tile"}) walk(store, prefix, folder, k_max_folders);
}

}  // namespace larder::sumstore
