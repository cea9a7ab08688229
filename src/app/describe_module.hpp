// SPDX-License-Identifier: Apache-2.0
// Finds out the facts about one module: from the module cache, go.sum, the main modules, and for versions,
// retractions, deprecations and updates from the GOPROXY chain.
// Thread rule: describe(), outside() and look_up() from any number of threads at once.
// Spec: go-resolution.md 7 (list -m).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>

#include "app/cached_modules.hpp"
#include "app/module_facts.hpp"
#include "app/project.hpp"
#include "app/reuse.hpp"
#include "app/version_query.hpp"
#include "gomod/modules_txt.hpp"
#include "resolve/main_modules.hpp"
#include "resolve/requirements.hpp"

namespace larder::app {

// What is looked up beyond what is at hand.
struct LookUp {
  bool updates = false;  // and retractions and deprecations
  bool versions = false;
  bool retractions = false;  // with `versions`: lists retracted ones too
  bool files = true;         // where its files are, and their hashes
};

class ModuleDescriber {
 public:
  struct Context {
    CachedModules& modules;
    VersionSource& source;
    VersionQueries& queries;
    const Project* project = nullptr;  // nullptr outside a module, like the next two
    const resolve::MainModules* mains = nullptr;
    const resolve::Requirements* requirements = nullptr;
    const gomod::ModulesTxt* vendored = nullptr;       // set: only this is known
    bool files = true;                                 // as LookUp has it
    bool need_sums = false;                            // what go.sum does not vouch for is not looked at
    std::string local_go;                              // newest go.mod that can be read
    std::string go_without_module;                     // that of command-line-arguments
    std::map<gomod::Module, std::string> go_versions;  // of go.mod files that are known already
    const Reuse* old = nullptr;                        // of an earlier run
    std::stop_token stop;
  };
  explicit ModuleDescriber(Context context) : c_(std::move(context)) {}

  // A module of the build list; a main module has no version.
  ModuleFacts describe(const gomod::Module& module);
  // A version that was asked for by name, in the graph or not; not replaced. All that an earlier run said of
  // it, where its origin holds.
  ModuleFacts outside(const gomod::Module& module);
  // Also for the replacement.
  void look_up(ModuleFacts& facts, const LookUp& what);

 private:
  std::optional<ModuleFacts> reused(const gomod::Module& module) const;
  ModuleFacts main_module(const gomod::Module& module) const;
  void complete(ModuleFacts& facts, bool need_sums);
  bool was_read(const gomod::Module& module) const;
  void complete_from_cache(ModuleFacts& facts, bool need_sums) const;
  bool may_use(const ModuleFacts& facts, gomod::GoSum::Of of, bool need_sums) const;
  std::string sum(const ModuleFacts& facts, gomod::GoSum::Of of) const;
  std::string known_go_version(const gomod::Module& module) const;
  std::string read_go_version(const gomod::Module& module) const;
  void add_update(ModuleFacts& facts);
  void add_versions(ModuleFacts& facts, bool retracted_too);
  void add_retraction(ModuleFacts& facts);
  void add_deprecation(ModuleFacts& facts);

  Context c_;
};

}  // namespace larder::app
