// SPDX-License-Identifier: Apache-2.0
// Which module provides a package.
// Invariants: with roots alone a package is found in a root or not at all; only the graph can say that it is
// missing. Thread rule: one thread; the source works on several. Spec: go-resolution.md 4.3.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "resolve/package_source.hpp"
#include "resolve/resolver.hpp"

namespace larder::resolve {

// Requirements, and their graph once something asked for it.
struct Snapshot {
  Requirements requirements;
  std::optional<Graph> graph;

  explicit Snapshot(Requirements list) : requirements(std::move(list)) {}
  // Requirements with the roots of others: their graph counts as not loaded, of which go makes decisions, but
  // need not be built again.
  static std::shared_ptr<Snapshot> of_same_roots(Requirements list, std::shared_ptr<Snapshot> from) {
    auto out = std::make_shared<Snapshot>(std::move(list));
    out->known_ = from->graph ? std::move(from) : from->known_;
    return out;
  }
  const Graph& load(Resolver& resolver) {
    if (!graph) graph.emplace(known_ ? *known_->graph : resolver.load(requirements));
    known_.reset();
    return *graph;
  }

 private:
  std::shared_ptr<Snapshot> known_;  // has a graph
};
using SnapshotPtr = std::shared_ptr<Snapshot>;

enum class ImportFault {
  invalid,      // can never be a package
  missing,      // no module of the graph has it
  missing_std,  // the same, and it looks like one of the standard library
  ambiguous,
  missing_sum,
  no_go,          // its folder has no file that counts
  not_in_latest,  // neither has the latest version of any module that could
  conflict,       // of replacements in a workspace
  implicit,       // read-only: imported by the main module, its module is no root
  other,
};
struct ImportError {
  ImportFault fault;
  Error error;
  // missing_sum only: what go.sum lacks, and whether another module has the package.
  std::vector<Module> modules = {};
  bool found = false;
};

struct Provider {
  Module module;     // no path: the standard library, or nobody
  std::string root;  // of the module; "" where the package has no folder: "C", errors
  std::string dir;
  std::vector<Module> alternatives;  // modules that could have had it by their path
  std::optional<ImportError> error;
};

// ".", "..", "./x", "../x"
bool is_local_import(std::string_view path);
// Does the import path look like one of the standard library: no dot in its first element?
bool is_std_path(std::string_view path);
// Is `path` the path of the module, or of a package that could lie in it?
bool could_contain(std::string_view module, std::string_view path);
// "a/b/c" -> "a/b" -> "a" -> ""
std::string_view parent_path(std::string_view path);
std::string selected_or_none(const Graph& graph, std::string_view path);

class ImportFinder {
 public:
  struct Options {
    bool readonly = false;  // messages; and go.sum must have every hash that is needed
    bool must_have_sums = false;
  };
  ImportFinder(Resolver& resolver, PackageSource& source, Options options)
      : resolver_(resolver), source_(source), options_(options) {}

  struct How {
    bool with_graph = false;      // do not try the roots alone first
    bool skip_mod_files = false;  // do not read the go.mod of the module that has the package
  };
  // One answer a path, in order. Loads the snapshot's graph where roots alone do not do.
  std::vector<Provider> find(const std::vector<std::string>& paths, Snapshot& in, const How& how);

  // The folder of the package in the module; nullopt where it is not there.
  Result<std::optional<std::string>> dir_in_module(std::string_view path, std::string_view module_path,
                                                   const ModuleTree& tree);
  Result<ModuleTree> tree(const Module& required);
  Error missing(const std::string& path) const;

  Resolver& resolver() { return resolver_; }
  PackageSource& source() { return source_; }
  const Options& options() const { return options_; }

 private:
  // nullopt: not found among the roots.
  std::optional<Provider> find_one(const std::string& path, const Requirements& requirements,
                                   const Graph* graph);
  void check_mod_files(std::vector<Provider>& providers);
  Provider not_found(const std::string& path) const;

  Resolver& resolver_;
  PackageSource& source_;
  Options options_;
};

}  // namespace larder::resolve
