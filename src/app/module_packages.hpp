// SPDX-License-Identifier: Apache-2.0
// Packages on disk: main modules where they lie, dependencies in the module cache (fetched and extracted as
// needed), the standard library below GOROOT. What was read is remembered for the life of the object, so a
// second round of loading costs no reading.
// Thread rule: as resolve::PackageSource says. Spec: go-resolution.md 4.3, 6.3, 6.5.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/cached_modules.hpp"
#include "app/go_folder.hpp"
#include "app/go_needed.hpp"
#include "app/package_walk.hpp"
#include "app/project.hpp"
#include "app/zips_in_place.hpp"
#include "index/module_folders.hpp"
#include "resolve/main_modules.hpp"
#include "resolve/package_source.hpp"
#include "sys/crew.hpp"
#include "sys/kept.hpp"
#include "sys/parallel.hpp"

namespace larder::app {

class ModulePackages final : public resolve::PackageSource {
 public:
  struct Options {
    sys::Path goroot;      // empty: no standard library
    unsigned threads = 4;  // while something is fetched; else as many as there are processors
    std::function<void(const std::string& folder)> ignoring;  // -x: skipped by an ignore directive
    const index::Shelf* shelf = nullptr;                      // null: nothing is known but what is read
    ZipsInPlace* zips = nullptr;  // null: dependencies are extracted; must outlive it
    RunningGo running_go;         // modules that need a newer one are errors
    bool indexed = true;          // folders are read as go reads them with its index; else shelf is null
    std::stop_token stop;
  };
  // The project and the modules must outlive it.
  ModulePackages(const Project& project, CachedModules& modules, Options options);

  void each(std::size_t count, const std::function<void(std::size_t)>& work) override;
  Result<resolve::ModuleTree> tree(const gomod::Module& required, const gomod::Module& actual) override;
  bool has_sum(const gomod::Module& actual) override;
  bool has_go_mod(const std::string& dir) override;
  Result<bool> has_go_files(const std::string& root, const std::string& dir) override;
  resolve::DirScan scan(const std::string& root, const std::string& dir) override;
  resolve::MainPackages main_packages(const std::string& module) override;
  // All folders that may hold packages of main modules.
  std::vector<WalkedFolder> main_folders() const;
  // Of the standard library, or of the go command and its like (commands).
  std::vector<WalkedFolder> goroot_folders(bool commands) const;
  std::string std_dir(const std::string& path) override;
  bool std_has_folder(const std::string& path) override;
  std::string std_name(const std::string& path) const override;

  struct Matched {
    std::vector<std::string> paths;  // sorted
    bool is_all = true;              // nothing was left out
  };
  // Import paths that a pattern with "..." matches: packages of these modules, which are fetched where a path
  // of theirs can match, and of the standard library; sorted. What cannot be had or read is left out.
  Matched matching(const std::string& pattern, const resolve::MainModules& mains,
                   const std::vector<gomod::Module>& modules);

  // The zip that holds what is below this root; null where that is a folder on disk.
  ModuleZipPtr zip_of(const std::string& root);

  // Writes what was learned of modules, so that next time they are not read.
  void save_indexes();

 private:
  template <class T>
  using Memo = sys::Sync<std::unordered_map<std::string, T>>;
  using FolderResult = std::shared_ptr<const Result<GoFolder>>;
  using ScanResult = std::shared_ptr<const resolve::DirScan>;

  using Known = std::shared_ptr<index::ModuleFolders>;

  Known known(const std::string& root);
  FolderResult folder(const std::string& root, const std::string& dir);
  Result<GoFolder> read_folder(const std::string& root, const std::string& dir);
  resolve::DirScan scan_files(const std::string& root, const std::string& dir);
  resolve::DirScan scan_read(const std::string& root, const std::string& dir, const GoFolder& folder);
  FolderKind kind_of(const std::string& dir) const;
  Result<resolve::ModuleTree> find_tree(const gomod::Module& required, const gomod::Module& actual);
  Result<resolve::ModuleTree> find_dependency(const gomod::Module& actual);
  std::string go_mod_of(const gomod::Module& actual, const ModuleZipPtr& zip);
  PackageWalk walk_of(const MainModule& module) const;
  std::optional<PackageWalk> walk_of(const gomod::Module& required, const gomod::Module& actual);
  std::vector<std::string> ignored_by(const gomod::Module& actual, const std::string& dir);
  // The import paths of those that hold packages, of one module after the other.
  std::vector<std::string> packages_among(const std::vector<std::pair<std::string, WalkedFolder>>& folders);

  const Project& project_;
  CachedModules& modules_;
  Options options_;
  sys::Crew crew_;
  std::string std_root_;
  std::string cache_root_;
  Memo<FolderResult> folders_;
  Memo<ScanResult> scans_;
  using Trees = sys::Kept<gomod::Module, Result<resolve::ModuleTree>>;
  Trees trees_;         // by what is required
  Trees dependencies_;  // by what stands for it: nobody is asked twice
  Memo<bool> go_mods_;
  Memo<bool> std_dirs_;      // is it a package of the standard library?
  Memo<Known> known_;        // by the module's folder
  Memo<ModuleZipPtr> zips_;  // likewise
};

}  // namespace larder::app
