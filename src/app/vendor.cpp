// SPDX-License-Identifier: Apache-2.0
#include "app/vendor.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "app/embeds.hpp"
#include "app/go_folder.hpp"
#include "goscan/walk.hpp"
#include "sys/parallel.hpp"

namespace larder::app {

namespace {

constexpr auto k_licences = std::to_array<std::string_view>(
    {"AUTHORS", "CONTRIBUTORS", "COPYLEFT", "COPYING", "COPYRIGHT", "LEGAL", "LICENSE", "NOTICE", "PATENTS"});

bool is_licence(const std::string& name) {
  return std::ranges::any_of(k_licences, [&](std::string_view start) { return name.starts_with(start); });
}

Result<void> copy_one(const sys::Path& from, const sys::Path& to) {
  const auto content = TRY(sys::Mapping::open(from));
  return sys::write_file(to, content.bytes());
}

template <class Match>
Result<void> copy_folder(const sys::Path& from, const sys::Path& to, const Match& match) {
  const auto entries = TRY(sys::list_dir(from));
  TRY(sys::make_dirs(to));
  for (const auto& entry : entries) {
    if (entry.is_regular && match(entry.name)) TRY(copy_one(from / entry.name, to / entry.name));
  }
  return {};
}

bool is_copied(const sys::Path& dir, const std::string& name, const VendorRules& rules) {
  if (goscan::is_test_name(name)) return false;
  if (name == "go.mod" || name == "go.sum") return !rules.drop_mod_files;
  return !name.ends_with(".go") || file_counts(dir / name);
}

// The patterns of the package's own files, then those of its tests, each list sorted.
Result<std::vector<std::string>> patterns_of(const VendoredPackage& package, const VendorRules& rules) {
  std::set<std::string> own;
  std::set<std::string> tests;
  const auto entries = TRY(sys::list_dir(package.dir));
  for (const auto& entry : entries) {
    if (entry.is_dir || !goscan::is_source_name(entry.name)) continue;
    const bool test = goscan::is_test_name(entry.name);
    if (test && !rules.test_embeds) continue;
    const auto patterns = file_embeds(sys::Path(package.dir) / entry.name);
    if (patterns) (test ? tests : own).insert(patterns->begin(), patterns->end());
  }
  std::vector<std::string> out(own.begin(), own.end());
  out.insert(out.end(), tests.begin(), tests.end());
  return out;
}

Result<void> copy_embeds(const VendoredPackage& package, const sys::Path& to, const VendorRules& rules) {
  const auto patterns = TRY(patterns_of(package, rules));
  if (patterns.empty()) return {};
  auto files = resolve_embeds(package.dir, patterns);
  if (!files) return fail(std::move(files).error().with("resolving embeds in " + package.path));
  for (const auto& name : *files) {
    const auto target = to / name;
    if (sys::is_file(target)) continue;
    TRY(sys::make_dirs(target.parent_path()));
    TRY(copy_one(sys::Path(package.dir) / name, target));
  }
  return {};
}

// Folders above packages, up to their modules' roots, that are no packages themselves: path -> folder.
std::map<std::string, std::string> licence_folders(const std::vector<VendoredPackage>& packages) {
  std::map<std::string, std::string> out;
  std::set<std::pair<std::string, std::string>> seen;
  for (const auto& p : packages) {
    std::string path = p.path;
    std::string dir = p.dir;
    while (seen.emplace(p.module_path, path).second) {
      if (path != p.path) out.emplace(path, dir);
      if (path == p.module_path) break;
      path.resize(path.rfind('/'));
      dir.resize(dir.rfind('/'));
    }
  }
  return out;
}

}  // namespace

std::vector<Error> copy_packages(const std::vector<VendoredPackage>& packages, const sys::Path& vendor,
                                 const VendorRules& rules) {
  std::vector<std::optional<Error>> failed(packages.size());
  sys::parallel_for(packages.size(), rules.threads, rules.stop, [&](std::size_t i) {
    const auto& package = packages[i];
    const sys::Path from(package.dir);
    const auto to = vendor / package.path;
    auto copied =
        copy_folder(from, to, [&](const std::string& name) { return is_copied(from, name, rules); });
    if (copied) copied = copy_embeds(package, to, rules);
    if (!copied) failed[i] = std::move(copied).error();
  });
  const auto licences = licence_folders(packages);
  const std::vector<std::pair<std::string, std::string>> list(licences.begin(), licences.end());
  std::vector<std::optional<Error>> more(list.size());
  sys::parallel_for(list.size(), rules.threads, rules.stop, [&](std::size_t i) {
    auto copied = copy_folder(list[i].second, vendor / list[i].first, is_licence);
    if (!copied) more[i] = std::move(copied).error();
  });
  std::vector<Error> out;
  for (auto* errors : {&failed, &more}) {
    for (auto& error : *errors) {
      if (error) out.push_back(*std::move(error));
    }
  }
  return out;
}

}  // namespace larder::app
