// SPDX-License-Identifier: Apache-2.0
// The modules being worked on: one, or those of a workspace; and what only they may say: replace and exclude.
// Invariants: at least one module; no path twice; replacements do not contradict each other.
// Thread rule: immutable; share it. Spec: go-resolution.md 3.1, 8.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.hpp"
#include "gomod/modfile.hpp"
#include "gomod/workfile.hpp"
#include "resolve/requirements.hpp"
#include "resolve/versions.hpp"

namespace larder::resolve {

struct MainRequire {
  Module mod;
  bool indirect = false;
};
struct MainReplace {
  Module from;  // empty version: all versions
  Module to;    // empty version: a directory
  // A module's of a workspace whose go.work replaces the path, too: it only counts for versions that go.work
  // does not replace.
  bool overridden = false;
};

struct MainModule {
  std::string path;
  std::string dir;         // absolute; only a workspace needs it
  std::string go_version;  // "" without a go line
  std::string toolchain;   // "" without a toolchain line
  std::vector<MainRequire> require;
  std::vector<Module> exclude;
  std::vector<MainReplace> replace;

  static MainModule from(const gomod::ModFile& file, std::string dir = {});
};

struct Workspace {
  std::string dir;  // of go.work, absolute
  std::string go_version;
  std::string toolchain;
  std::vector<MainReplace> replace;

  static Workspace from(const gomod::WorkFile& file, std::string dir);
};

// Does the file replace one module by two others? In a workspace go looks at each file before it goes on.
Result<void> check_replaces(const gomod::ModFile& file);

class MainModules {
 public:
  // Errors have go's text: "conflicting replacements for example.com/a@v1.0.0:\n\t./x\n\t./y"
  static Result<MainModules> single(MainModule module);
  // Also "module P appears multiple times in workspace", "workspace module P is replaced at all versions …".
  static Result<MainModules> workspace(Workspace work, std::vector<MainModule> modules);

  bool is_workspace() const { return is_workspace_; }
  const std::vector<MainModule>& modules() const { return modules_; }
  bool contains(std::string_view path) const;

  // go line of go.mod or go.work, or what a missing one means.
  std::string_view go_version() const;
  bool has_go_line() const;

  bool excluded(const Module& required) const { return excluded_.contains(required); }
  // nullptr where it is not replaced. go.work before go.mod files, of which the last one that replaces the
  // module wins; in one file the exact version before all versions.
  const Module* replacement(const Module& required) const;
  const Module& actual(const Module& required) const;
  // Which file says so, and how: folders as they are written there.
  struct Source {
    const Module* to;
    const MainModule* file;  // nullptr: go.work
  };
  std::optional<Source> replacement_source(const Module& required) const;
  // Two modules of a workspace may disagree on a single version: one replaces all versions, a later one just
  // this. It only matters where the version is required, so it is an error there. Folders are compared as
  // they are written, as go does.
  struct Conflict {
    Error error;
    const Module* earlier;  // the replacement that stands where a command goes on
  };
  std::optional<Conflict> replacement_conflict(const Module& required) const;
  // Every replaced module, in the order of the files, go.work's first: for import look-ups, vendor, and sums.
  const std::vector<MainReplace>& replacements() const { return ordered_; }

  // The roots as the files say, but for those on excluded versions; nothing is loaded, nothing made
  // consistent.
  Requirements initial() const;
  // What a module requires and excludes itself; go tells the user of each.
  std::vector<Module> excluded_requirements() const;

 private:
  using ReplaceMap = std::unordered_map<Module, Module, gomod::ModuleHash>;

  MainModules(bool is_workspace, std::vector<MainModule> modules);
  Result<void> add_replaces(const std::vector<MainReplace>& replaces, ReplaceMap& into);
  Result<void> add_workspace_replaces();

  bool is_workspace_;
  Workspace work_;
  std::vector<MainModule> modules_;
  std::set<std::string, std::less<>> paths_;
  std::unordered_set<Module, gomod::ModuleHash> excluded_;
  ReplaceMap work_replaces_;
  std::vector<ReplaceMap> replaces_;  // one for each module
  std::vector<ReplaceMap> written_;   // a workspace's: the same with the folders as the modules write them
  std::vector<MainReplace> ordered_;
};

}  // namespace larder::resolve
