// SPDX-License-Identifier: Apache-2.0
// Loads packages and settles the requirements they need: the loop behind `mod tidy`, `mod vendor` and `mod
// why`. Roots only ever rise while it runs, so it ends; tidy's shortest list is computed at the end.
//
// Everything worth saying goes to `note` at once, in go's words without "go: "; load() then only says whether
// it may go on. Thread rule: one thread. Spec: go-resolution.md 4.2, 4.7, 4.9.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "resolve/imports.hpp"
#include "resolve/missing.hpp"
#include "resolve/packages.hpp"
#include "resolve/tidy_roots.hpp"

namespace larder::resolve {

struct PackageLoadOptions {
  bool tidy = false;
  std::string tidy_go;           // -go=V
  std::string compat;            // -compat=V; "": the default
  bool readonly = false;         // roots must not change
  bool load_tests = false;       // of all packages of `all`
  bool vendor_all = false;       // `all` as vendor has it: never closes over tests
  bool resolve_missing = false;  // look for modules that provide missing packages
  bool allow_errors = false;     // -e
  bool silent_errors = false;    // packages with errors are nobody's business
  bool silent_missing_std = false;
  bool skip_std = false;  // packages of the standard library are of no interest
  bool verbose = false;   // -v
  // Load these packages and what they import; without it, `all`. Asked in each round: what a pattern means
  // depends on the modules of the graph.
  std::function<std::vector<std::string>(Snapshot&)> roots = {};
  bool with_all = false;         // `all` beside the roots
  std::string here = {};         // in a workspace: the main module that the user stands in
  std::string main_module = {};  // `all` begins with the packages of this one, not of all main modules
};

class PackageLoader {
 public:
  using Note = std::function<void(const std::string& line)>;

  // `missing` may be null where options.resolve_missing is not set.
  PackageLoader(ImportFinder& finder, MissingImports* missing, std::set<std::string, std::less<>> tools,
                PackageLoadOptions options, Note note);
  // Text that goes to the user as it is, without a prefix: advice after a failed -compat.
  void on_plain(Note plain) { plain_ = std::move(plain); }

  // Is asked before an error that ends the command is said; true: it is the asker's business.
  void on_error(std::function<bool(const std::string&)> take) { take_error_ = std::move(take); }
  // With tidy: called where the roots are settled, before go.sum is looked at for older versions of go.
  void on_tidied(std::function<void()> tidied) { tidied_ = std::move(tidied); }

  // False: what is wrong was said, and the command fails.
  bool load(Requirements initial);

  const Snapshot& requirements() const { return *current_; }
  Snapshot& requirements() { return *current_; }
  const PackageGraph& packages() const { return packages_; }
  // The graph that tidy's -compat=V looks at; nullptr where it is the same.
  Snapshot* compat() { return compat_.get(); }
  std::string go_version() const;
  std::string compat_version() const;

 private:
  void error(const std::string& text);
  void error(const Error& what);
  void settle_pruning();
  bool loads_all() const { return !options_.roots || options_.with_all; }
  std::vector<std::string> root_packages();
  void stop_at_damage();
  bool preload_roots(const std::vector<std::string>& roots);
  struct Newest {
    const Package* package;
    Resolver::NewerGo newer;
  };
  std::optional<Newest> needs_newest_go() const;
  Result<void> refuse_damaged() const;
  Result<bool> update();
  void refuse_implicit();
  Result<void> refuse_unlisted();
  void refuse_conflicts();
  void conflict(const Error& what);
  Result<bool> still_valid(const SnapshotPtr& updated);
  Result<std::vector<std::pair<Module, const Package*>>> resolve_missing();
  Error after_imports(const Error& error, const std::vector<std::pair<Module, const Package*>>& found);
  void add_folder(ImportError& error, const Package& package) const;
  // True: start again.
  Result<bool> round();
  bool finish_tidy();
  void check_tidied(const Requirements& tidied);
  void report();
  bool check_compat();
  void check_roots(const Graph& graph, const std::string& version);
  void compat_difference(const Package& package, const Provider& other, const Graph& graph,
                         const std::string& version);
  void compat_error(std::string text);
  void suggest(const std::string& version);
  PackageRules rules(const std::string& go) const;
  DirectPaths direct_paths() const;

  ImportFinder& finder_;
  MissingImports* missing_;
  PackageLoadOptions options_;
  Note note_;
  std::function<void()> tidied_;
  Note plain_ = [](const std::string&) {};
  std::function<bool(const std::string&)> take_error_;
  std::set<std::string, std::less<>> tools_;
  PackageGraph packages_;
  SnapshotPtr current_;
  SnapshotPtr compat_;
  std::vector<std::string> main_packages_;
  std::vector<Error> walk_errors_;  // folders of main modules that cannot be read
  bool walked_ = false;
  bool failed_ = false;
  std::vector<std::string> compat_errors_;
  bool suggest_upgrade_ = false;
  bool suggest_e_ = false;
};

}  // namespace larder::resolve
