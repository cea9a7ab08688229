// SPDX-License-Identifier: Apache-2.0
#include "app/module_packages.hpp"

#include <algorithm>
#include <set>

#include "app/mod_reader.hpp"
#include "app/package_files.hpp"
#include "app/patterns.hpp"
#include "fetch/chain.hpp"
#include "gomod/modfile.hpp"
#include "modzip/limits.hpp"
#include "resolve/imports.hpp"

namespace larder::app {

namespace {

bool below(std::string_view dir, std::string_view root) {
  return !root.empty() && dir.starts_with(root) && (dir.size() == root.size() || dir[root.size()] == '/');
}

std::string_view below_root(std::string_view dir, std::string_view root) {
  return dir.substr(root.size());
}

resolve::DirScan to_scan(index::FolderRecord record) {
  resolve::DirScan out;
  out.imports = std::move(record.imports);
  out.test_imports = std::move(record.test_imports);
  out.no_go = record.no_go;
  return out;
}

index::FolderRecord to_record(const resolve::DirScan& scan, bool has_go_files) {
  return {.has_go_files = has_go_files,
          .scanned = true,
          .no_go = scan.no_go,
          .imports = scan.imports,
          .test_imports = scan.test_imports};
}

}  // namespace

ModulePackages::ModulePackages(const Project& project, CachedModules& modules, Options options)
    : project_(project),
      modules_(modules),
      options_(std::move(options)),
      crew_(options_.threads, [&modules] { return modules.asked_source(); }) {
  if (!options_.goroot.empty()) std_root_ = (options_.goroot / "src").native();
  cache_root_ = modules_.cache().root().native();
}

void ModulePackages::each(std::size_t count, const std::function<void(std::size_t)>& work) {
  crew_.each(count, work);
}

FolderKind ModulePackages::kind_of(const std::string& dir) const {
  if (!options_.indexed) return FolderKind::unindexed;
  return below(dir, cache_root_) || below(dir, std_root_) ? FolderKind::extracted : FolderKind::local;
}

Result<GoFolder> ModulePackages::read_folder(const std::string& root, const std::string& dir) {
  const auto zip = zip_of(root);
  if (!zip) return read_go_folder(dir, kind_of(dir));
  return read_go_folder(*TRY(zip->tree()), zip->below_root(dir));
}

resolve::DirScan ModulePackages::scan_read(const std::string& root, const std::string& dir,
                                           const GoFolder& folder) {
  const auto zip = zip_of(root);
  if (!zip) return scan_go_folder(dir, folder);
  const auto tree = zip->tree();
  if (tree) return scan_go_folder(**tree, zip->below_root(dir), folder);
  resolve::DirScan out;
  out.error = tree.error();
  return out;
}

ModulePackages::FolderResult ModulePackages::folder(const std::string& root, const std::string& dir) {
  {
    auto memo = folders_.lock();
    if (const auto it = memo->find(dir); it != memo->end()) return it->second;
  }
  auto read = std::make_shared<const Result<GoFolder>>(read_folder(root, dir));
  return folders_.lock()->try_emplace(dir, std::move(read)).first->second;
}

Result<bool> ModulePackages::has_go_files(const std::string& root, const std::string& dir) {
  const auto module = known(root);
  if (module) {
    if (const auto answer = module->has_go_files(below_root(dir, root))) return *answer;
  }
  const auto read = folder(root, dir);
  if (!*read) return fail(read->error());
  if (module) module->learn(below_root(dir, root), {.has_go_files = (*read)->has_go_files});
  return (*read)->has_go_files;
}

resolve::DirScan ModulePackages::scan(const std::string& root, const std::string& dir) {
  const auto module = known(root);
  if (module) {
    if (auto record = module->scanned(below_root(dir, root))) return to_scan(*std::move(record));
  }
  auto out = scan_files(root, dir);
  if (module && !out.error) {
    const auto read = folder(root, dir);
    module->learn(below_root(dir, root), to_record(out, *read && (*read)->has_go_files));
  }
  return out;
}

resolve::DirScan ModulePackages::scan_files(const std::string& root, const std::string& dir) {
  {
    auto memo = scans_.lock();
    if (const auto it = memo->find(dir); it != memo->end()) return *it->second;
  }
  resolve::DirScan out;
  if (const auto read = folder(root, dir); !*read) {
    out.error = read->error();
  } else {
    out = scan_read(root, dir, **read);
  }
  auto shared = std::make_shared<const resolve::DirScan>(std::move(out));
  return *scans_.lock()->try_emplace(dir, std::move(shared)).first->second;
}

bool ModulePackages::has_go_mod(const std::string& dir) {
  {
    auto memo = go_mods_.lock();
    if (const auto it = memo->find(dir); it != memo->end()) return it->second;
  }
  const auto info = sys::stat(sys::Path(dir) / "go.mod");
  const bool out = info && *info && !(*info)->is_dir;
  go_mods_.lock()->try_emplace(dir, out);
  return out;
}

Result<resolve::ModuleTree> ModulePackages::tree(const gomod::Module& required, const gomod::Module& actual) {
  return trees_.get(required, [&] { return find_tree(required, actual); });
}

Result<resolve::ModuleTree> ModulePackages::find_tree(const gomod::Module& required,
                                                      const gomod::Module& actual) {
  for (const auto& main : project_.modules) {
    if (required.version.empty() && main.mod.module->path == required.path) {
      return resolve::ModuleTree{main.dir.native(), true};
    }
  }
  if (actual.version.empty()) {
    auto dir = (project_.root / actual.path).lexically_normal().native();
    if (dir.size() > 1 && dir.ends_with('/')) dir.pop_back();
    if (!sys::is_dir(dir)) {
      return fail(Kind::not_found,
                  required.str() + ": replacement directory " + actual.path + " does not exist");
    }
    return resolve::ModuleTree{std::move(dir), true};
  }
  const auto& found = dependencies_.get(actual, [&] { return find_dependency(actual); });
  if (found) return found;
  // Sources name the module where go does, but go does not name what it may not look up.
  if (const auto off = fetch::lookup_disabled(found.error())) return fail(Kind::forbidden, std::string(*off));
  return found;
}

Result<resolve::ModuleTree> ModulePackages::find_dependency(const gomod::Module& actual) {
  std::string dir;
  gomod::H1 h1;
  if (options_.zips == nullptr) {
    const auto installed = TRY(modules_.install(actual, CachedModules::Need::tree, options_.stop));
    TRY(check_go_needed_in(installed.dir, actual, options_.running_go));
    dir = installed.dir.native();
    h1 = installed.h1;
  } else {
    auto found = TRY(options_.zips->find(actual));
    TRY(check_go_needed(actual, go_mod_of(actual, found.zip), options_.running_go));
    dir = found.zip->root();
    h1 = found.h1;
    zips_.lock()->try_emplace(dir, std::move(found.zip));
  }
  if (options_.shelf != nullptr) {
    known_.lock()->try_emplace(dir, std::make_shared<index::ModuleFolders>(*options_.shelf, h1));
  }
  return resolve::ModuleTree{std::move(dir), false};
}

// The zip is only opened for it where the go.mod lies nowhere else.
std::string ModulePackages::go_mod_of(const gomod::Module& actual, const ModuleZipPtr& zip) {
  if (auto cached = modules_.near_mod(actual, options_.stop)) return *std::move(cached);
  const auto packed = FilesInZip(zip).read(sys::Path(zip->root()) / "go.mod");
  return packed ? std::string(*packed) : std::string();
}

ModuleZipPtr ModulePackages::zip_of(const std::string& root) {
  if (options_.zips == nullptr) return nullptr;
  auto memo = zips_.lock();
  const auto it = memo->find(root);
  return it == memo->end() ? nullptr : it->second;
}

ModulePackages::Known ModulePackages::known(const std::string& root) {
  if (options_.shelf == nullptr) return nullptr;
  auto memo = known_.lock();
  const auto it = memo->find(root);
  return it == memo->end() ? nullptr : it->second;
}

void ModulePackages::save_indexes() {
  std::vector<Known> all;
  for (const auto& [root, module] : *known_.lock()) all.push_back(module);
  std::vector<char> written(all.size());
  each(all.size(), [&](std::size_t i) { written[i] = all[i]->save() ? 1 : 0; });
  if (options_.zips != nullptr) options_.zips->save();
  if (std::ranges::find(written, 1) != written.end()) options_.shelf->tidy();
}

bool ModulePackages::has_sum(const gomod::Module& actual) {
  return project_.sum.has(actual, gomod::GoSum::Of::zip) ||
         project_.work_sum.has(actual, gomod::GoSum::Of::zip);
}

PackageWalk ModulePackages::walk_of(const MainModule& module) const {
  PackageWalk out{
      .root = module.dir.native(), .path = module.mod.module->path, .ignoring = options_.ignoring};
  for (const auto& ignore : module.mod.ignore) out.ignore.push_back(ignore.path);
  return out;
}

std::vector<std::string> ModulePackages::packages_among(
    const std::vector<std::pair<std::string, WalkedFolder>>& folders) {
  std::vector<char> is_package(folders.size());
  each(folders.size(), [&](std::size_t i) {
    const auto scanned = scan(folders[i].first, folders[i].second.dir);
    is_package[i] = scanned.no_go ? 0 : 1;
  });
  std::vector<std::string> out;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    if (is_package[i] != 0) out.push_back(folders[i].second.path);
  }
  std::ranges::sort(out);
  out.erase(std::ranges::unique(out).begin(), out.end());
  return out;
}

resolve::MainPackages ModulePackages::main_packages(const std::string& module) {
  resolve::MainPackages out;
  std::vector<std::pair<std::string, WalkedFolder>> found;
  for (const auto& main : project_.modules) {
    if (!module.empty() && main.mod.module->path != module) continue;
    for (auto& folder : walk_packages(walk_of(main), out.errors))
      found.emplace_back(project_.root.native(), std::move(folder));
  }
  out.paths = packages_among(found);
  return out;
}

std::vector<WalkedFolder> ModulePackages::main_folders() const {
  std::vector<WalkedFolder> out;
  std::vector<Error> errors;
  for (const auto& main : project_.modules)
    std::ranges::move(walk_packages(walk_of(main), errors), std::back_inserter(out));
  return out;
}

// The ignore directives of a dependency's go.mod.
std::vector<std::string> ModulePackages::ignored_by(const gomod::Module& actual, const std::string& dir) {
  const auto text = actual.version.empty() ? sys::read_file(sys::Path(dir) / "go.mod", modzip::k_max_go_mod)
                                           : modules_.mod(actual, options_.stop);
  if (!text) return {};
  const auto mod = gomod::parse_mod_lax("go.mod", *text);
  if (!mod) return {};
  std::vector<std::string> out;
  for (const auto& ignore : mod->ignore) out.push_back(ignore.path);
  return out;
}

std::optional<PackageWalk> ModulePackages::walk_of(const gomod::Module& required,
                                                   const gomod::Module& actual) {
  const auto found = tree(required, actual);
  if (!found) return std::nullopt;
  PackageWalk out{.root = found->dir, .path = required.path, .ignore = ignored_by(actual, found->dir)};
  out.stops_at_modules = found->local;
  const auto zip = zip_of(found->dir);
  if (!zip) return out;
  out.folders = [zip](const std::string& relative) -> Result<std::vector<std::string>> {
    std::vector<std::string> names;
    for (const auto& child : TRY(zip->tree())->list(relative)) {
      if (child.entry == nullptr) names.emplace_back(child.name);
    }
    return names;
  };
  return out;
}

std::vector<WalkedFolder> ModulePackages::goroot_folders(bool commands) const {
  if (std_root_.empty()) return {};
  PackageWalk walk{.root = std_root_, .stops_at_modules = false, .enters_vendor = true};
  if (commands) {
    walk.root += "/cmd";
    walk.path = "cmd";
  } else {
    walk.may_match = [](std::string_view path) { return path != "cmd" && resolve::is_std_path(path); };
  }
  std::vector<Error> unread;
  return walk_packages(walk, unread);
}

ModulePackages::Matched ModulePackages::matching(const std::string& pattern,
                                                 const resolve::MainModules& mains,
                                                 const std::vector<gomod::Module>& modules) {
  std::vector<PackageWalk> walks;
  if (!std_root_.empty()) {
    walks.push_back({.root = std_root_, .enters_vendor = true});
    if (tree_may_match(pattern, "cmd"))
      walks.push_back({.root = std_root_ + "/cmd", .path = "cmd", .enters_vendor = true});
  }
  for (const auto& main : project_.modules) {
    if (tree_may_match(pattern, main.mod.module->path)) walks.push_back(walk_of(main));
  }
  std::vector<gomod::Module> wanted;
  for (const auto& module : modules) {
    const bool is_other = mains.contains(module.path) || resolve::is_toolchain_path(module.path);
    if (!is_other && tree_may_match(pattern, module.path)) wanted.push_back(module);
  }
  std::vector<std::optional<PackageWalk>> others(wanted.size());
  each(wanted.size(), [&](std::size_t i) { others[i] = walk_of(wanted[i], mains.actual(wanted[i])); });
  for (auto& other : others) {
    if (other) walks.push_back(*other);
  }
  std::vector<Error> unread;
  std::vector<std::pair<std::string, WalkedFolder>> found;
  std::set<std::string> seen;  // as go, which looks no further for a path than its first folder
  for (auto& walk : walks) {
    walk.may_match = [&](std::string_view path) { return tree_may_match(pattern, path); };
    for (auto& folder : walk_packages(walk, unread)) {
      const bool counts = match_pattern(pattern, folder.path) && folder.path != "builtin";
      if (counts && seen.insert(folder.path).second) found.emplace_back(walk.root, std::move(folder));
    }
  }
  const bool all_had = std::ranges::all_of(others, [](const auto& other) { return other.has_value(); });
  return {packages_among(found), all_had && unread.empty()};
}

std::string ModulePackages::std_dir(const std::string& path) {
  if (std_root_.empty()) return {};
  auto dir = std_root_ + "/" + path;
  {
    auto memo = std_dirs_.lock();
    if (const auto it = memo->find(path); it != memo->end()) return it->second ? dir : std::string();
  }
  const bool found = any_go_file(dir);
  std_dirs_.lock()->try_emplace(path, found);
  return found ? dir : std::string();
}

bool ModulePackages::std_has_folder(const std::string& path) {
  return !std_root_.empty() && sys::is_dir(sys::Path(std_root_) / path);
}

std::string ModulePackages::std_name(const std::string& path) const {
  return (options_.goroot / "src" / path).native();
}

}  // namespace larder::app
