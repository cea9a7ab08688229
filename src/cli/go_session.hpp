// SPDX-License-Identifier: Apache-2.0
// What the go commands share: the project they stand in, the module cache, the upstream, the requirement
// graph, and go's way of ending. Thread rule: one thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/cached_modules.hpp"
#include "app/project.hpp"
#include "cli/go_flags.hpp"
#include "cli/session.hpp"
#include "cli/wiring.hpp"
#include "resolve/resolver.hpp"

namespace larder::cli {

// Prints MESSAGE (unless empty), then the usage lines; status 2.
int go_usage(const Session& session, std::string_view usage, std::string_view command,
             const std::string& message);

// Flags of go that would change the answer and are not built yet: an error that names the flag.
Result<void> refuse_unbuilt(const GoArguments& arguments);

class GoSession {
 public:
  struct Options {
    bool trace = false;       // -x
    bool read_write = false;  // -modcacherw
    bool needs_module = true;
    unsigned jobs = 16;
  };
  static Result<std::unique_ptr<GoSession>> open(const Session& session, const Options& options);

  const Session& session() const { return session_; }
  const app::Project* project() const { return project_ ? &*project_ : nullptr; }  // nullptr outside a module
  app::CachedModules& modules() { return *modules_; }
  resolve::Resolver& resolver() { return *resolver_; }  // only inside a module

  // Requirements and graph, loaded once. The error is the graph's first failure.
  Result<void> load_graph();
  const resolve::Requirements& requirements() const { return *requirements_; }
  const resolve::Graph& graph() const { return *graph_; }
  // Writes what was learned to go.sum (go.work.sum in a workspace); keep says which lines may be added.
  Result<void> write_sums(const std::function<bool(const gomod::Module&, gomod::GoSum::Of)>& keep);

 private:
  explicit GoSession(const Session& session) : session_(session) {}
  const Session& session_;
  std::optional<app::Project> project_;
  std::optional<modcache::Cache> cache_;
  Upstream upstream_;
  std::optional<fetch::Verifier> verifier_;
  std::optional<app::CachedModules> modules_;
  std::unique_ptr<resolve::ModReader> reader_;
  std::unique_ptr<resolve::Resolver> resolver_;
  std::optional<resolve::Requirements> requirements_;
  std::optional<resolve::Graph> graph_;
};

}  // namespace larder::cli
