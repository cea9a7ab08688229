// SPDX-License-Identifier: Apache-2.0
#include "modzip/zip_tree.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "modzip/check.hpp"
#include "modzip/paths.hpp"

namespace larder::modzip {

namespace {

// Of all folders together; the largest public modules have some 300 KiB.
constexpr std::size_t k_most_path_bytes = 64U << 20U;

bool is_sound(std::string_view path) {
  return !path.empty() && !path.starts_with('/') && path != "." && path != ".." && !path.starts_with("../") &&
         is_clean(path);
}

}  // namespace

Result<ZipTree> ZipTree::open(const gomod::Module& module, Bytes zip) {
  ZipTree out(TRY(Archive::open(zip)));
  out.folders_.try_emplace(std::string_view());
  const auto prefix = zip_prefix(module);
  for (const auto& entry : out.archive_.entries()) {
    if (!entry.name.starts_with(prefix)) {
      return fail(Kind::invalid,
                  "zip for " + module.str() + " has unexpected file " + std::string(entry.name));
    }
    if (entry.is_directory()) continue;
    TRY(out.add(entry.name.substr(prefix.size()), entry));
  }
  TRY(out.settle());
  return out;
}

Result<void> ZipTree::add(std::string_view path, const Entry& entry) {
  if (!is_sound(path)) return fail(Kind::invalid, "zip: file name is not clean: " + quote(path));
  Child child{base_name(path), &entry};
  for (auto folder = parent_of(path);; folder = parent_of(folder)) {
    const auto [at, is_new] = folders_.try_emplace(folder);
    at->second.push_back(child);
    if (!is_new) return {};
    named_ += folder.size();
    if (named_ > k_most_path_bytes) return fail(Kind::invalid, "zip: too many folders");
    child = {base_name(folder), nullptr};
  }
}

Result<void> ZipTree::settle() {
  for (auto& [folder, children] : folders_) {
    std::ranges::sort(children, {}, &Child::name);
    const auto twice = std::ranges::adjacent_find(children, {}, &Child::name);
    if (twice != children.end()) {
      return fail(Kind::invalid, "zip: two entries for " + quote(twice->name) + " in " + quote(folder));
    }
  }
  return {};
}

std::span<const ZipTree::Child> ZipTree::list(std::string_view folder) const {
  const auto it = folders_.find(folder);
  return it == folders_.end() ? std::span<const Child>() : std::span<const Child>(it->second);
}

const Entry* ZipTree::file(std::string_view path) const {
  const auto children = list(parent_of(path));
  const auto name = base_name(path);
  const auto it = std::ranges::lower_bound(children, name, {}, &Child::name);
  return it == children.end() || it->name != name ? nullptr : it->entry;
}

}  // namespace larder::modzip
