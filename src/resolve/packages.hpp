// SPDX-License-Identifier: Apache-2.0
// The packages that are reachable from some root packages, with their tests: who imports whom, which of them
// are in `all`, and the shortest way to each. Loaded in waves: each wave is resolved and scanned in parallel,
// then linked in order, so that results do not depend on timing.
//
// Invariants: a package is loaded once; pointers stay valid until the next load(); nothing recurses deeper
// than a package's imports do not: flags travel through a work list.
// Thread rule: one thread. Spec: go-resolution.md 4.2.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "resolve/imports.hpp"

namespace larder::resolve {

struct Package {
  std::string path;
  const Package* test_of = nullptr;
  Package* test = nullptr;
  bool in_all = false;   // matched by the pattern `all`
  bool is_root = false;  // asked for by name, or in_all where `all` is a root
  bool loaded = false;   // imports are linked
  bool in_std = false;
  Module module;                  // no path: the standard library, or nobody
  std::string root;               // of its module
  std::string dir;                // "" where it has none
  std::vector<Package*> imports;  // sorted by path
  std::vector<std::string> test_imports;
  std::vector<Module> alternatives;
  std::optional<ImportError> error;
  const Package* stack = nullptr;  // the package before it on the shortest way from a root

  bool is_test() const { return test_of != nullptr; }
  // "a imports\n\tb tested by\n\tb.test imports\n\tc"
  std::string stack_text() const;
  // The same as `go mod why` has it: one package a line.
  std::string why() const;
  int depth() const;  // 1 for a root
};

struct PackageRules {
  bool all_is_root = true;         // the pattern `all` was asked for
  bool load_tests = false;         // tests of root packages
  bool closes_over_tests = false;  // `all` takes in the tests of all its packages (go < 1.16)
  bool skip_mod_files = false;     // tidy below go 1.21
  // What the standard library imports is part of it, so nobody who only asks for modules has to read it.
  bool skip_std = false;
};

class PackageGraph {
 public:
  PackageGraph(ImportFinder& finder, std::set<std::string, std::less<>> tools)
      : finder_(finder), tools_(std::move(tools)) {}

  // Drops what was loaded before.
  void load(const std::vector<std::string>& roots, Snapshot& in, const PackageRules& rules);

  // Shortest ways first: roots in order, then breadth first; a package's imports before its test.
  const std::vector<Package*>& packages() const { return order_; }
  const Package* find(std::string_view path) const;
  bool is_external(const Package& package) const;

 private:
  static constexpr unsigned k_in_all = 1;
  static constexpr unsigned k_is_root = 2;
  static constexpr unsigned k_loaded = 4;
  struct Work {
    Package* package;
    unsigned flags;
  };

  Package* get(const std::string& path, unsigned flags);
  void apply(Package* package, unsigned flags);
  void apply_one(const Work& work);
  void want_test(Package* package, unsigned flags);
  bool is_skipped(const Provider& provider) const;
  void link(Package* package, DirScan scan);
  std::vector<Package*> import_list(const Package& from, const std::vector<std::string>& paths,
                                    unsigned flags);
  std::string std_vendored(const Package& from, const std::string& path) const;
  void build_stacks(const std::vector<std::string>& roots);
  void load_wave(Snapshot& in);

  ImportFinder& finder_;
  std::set<std::string, std::less<>> tools_;
  PackageRules rules_;
  std::deque<Package> storage_;
  std::unordered_map<std::string, Package*> by_path_;
  std::vector<Package*> wave_;  // found, not yet loaded
  std::vector<Work> work_;
  bool working_ = false;
  std::vector<Package*> order_;
};

}  // namespace larder::resolve
