// SPDX-License-Identifier: Apache-2.0
// What the requirement graph needs from a dependency's go.mod.
// Invariants: `require` is in file order; `go@X` comes last where the go line is 1.21 or newer. A summary
// knows nothing of the main module: exclusions are applied when the graph reads it, so it can be cached and
// shared. Thread rule: immutable after summarize(); share it between threads. Spec: go-resolution.md 3.1.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "resolve/versions.hpp"

namespace larder::resolve {

struct Retraction {
  std::string low;  // closed interval; low == high for one version
  std::string high;
  std::string rationale;

  friend bool operator==(const Retraction&, const Retraction&) = default;
};

struct ModSummary {
  std::string module_path;  // as declared; "" without a module line (directory replacements only)
  std::string go_version;   // "" without a go line
  std::string deprecated;   // message, "" where not deprecated
  Pruning pruning = Pruning::unpruned;
  std::vector<Module> require;
  std::vector<Retraction> retract;

  friend bool operator==(const ModSummary&, const ModSummary&) = default;
};
using SummaryPtr = std::shared_ptr<const ModSummary>;

// How errors name a go.mod: for that of a directory the path in parse errors ("/home/u/b/go.mod") and the
// short one ("b/go.mod").
struct ModOrigin {
  std::string file = "go.mod";
  std::string short_file = "go.mod";
};

// Reads a go.mod as a dependency's. The error is go's text without "PATH@VERSION: " in front, which
// Graph::failures() puts there: "parsing go.mod: go.mod:5: unexpected newline in string".
Result<ModSummary> summarize(std::string_view text, const ModOrigin& origin = {});

// Does it declare the module that was asked for? The error is "parsing go.mod: missing module line", or says
// which path it declares. The graph checks this itself, after the go version.
Result<void> check_declared_path(const Module& required, const Module& actual, const ModSummary& summary);

}  // namespace larder::resolve
