// SPDX-License-Identifier: Apache-2.0
// Loads requirement graphs and keeps root requirements consistent, as `go mod graph`, `list -m all`, `mod
// download` and later `mod tidy` do. Each go.mod is read at most once per Resolver, however many graphs are
// loaded.
//
//   Resolver resolver(mains, reader, {.local_go = "1.27.0"});
//   auto start = TRY(resolver.initial());
//   auto [requirements, graph, error] = resolver.expand(start.requirements);
//   print(graph.text());
//
// Bounds: graphs larger than the limits fail the modules beyond them; nothing recurses.
// Thread rule: one thread. Spec: go-resolution.md 3, 4.5, 4.6.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "resolve/graph.hpp"
#include "resolve/main_modules.hpp"
#include "resolve/mvs.hpp"
#include "resolve/reader.hpp"
#include "resolve/requirements.hpp"

namespace larder::resolve {

class Loader;

struct ResolverOptions {
  // -mod=readonly or vendor: roots that would have to change are an error with the text `updates_needed`.
  bool readonly = false;
  std::string updates_needed = "updates to go.mod needed; to update it:\n\tgo mod tidy";
  bool vendored = false;  // -mod=vendor: no graph stands behind the roots, which stay as they are listed
  // Modules that need a newer go fail: "module M@V requires go >= X (running go LOCAL_GO NOTE)". "": no
  // check.
  std::string local_go;
  std::string local_go_note;  // "; GOTOOLCHAIN=local"
  // The go line to assume where go.mod has none, as every command in mod mode but graph and why does; "":
  // none.
  std::string add_go_line;

  std::size_t max_modules = 250'000;  // module versions
  std::size_t max_edges = 16'000'000;
};

class Resolver {
 public:
  // The reader must outlive the Resolver.
  Resolver(MainModules mains, ModReader& reader, ResolverOptions options = {});
  ~Resolver();
  Resolver(Resolver&&) noexcept;
  Resolver& operator=(Resolver&&) noexcept;

  const MainModules& mains() const;

  // The requirements of the main modules; roots that occur twice or name a main module are already reduced,
  // and a missing go line is added where the options say so.
  Result<Requirements> initial();

  // The graph as the roots are, whether consistent or not. `forced`: module versions whose requirements are
  // followed although pruning would end there.
  Graph load(const Requirements& requirements, std::span<const Module> forced = {});

  struct Expanded {
    Requirements requirements;
    Graph graph;
    std::optional<Error> error;  // set: the graph has failures, or the roots could not be updated
  };
  // Loads the graph and makes the roots consistent with it.
  Expanded expand(Requirements requirements);

  // `mod graph -go=V`: the graph of unmodified roots, unpruned below 1.17. Its failures are in the graph.
  Result<Graph> graph_for_go(const Requirements& requirements, std::string_view go_version);

  // Each path once, at its selected version, with `add`. `loaded`: the graph of `requirements` where it is at
  // hand; without it and without additions, pruned roots are only reduced.
  Result<Requirements> update_roots(const Requirements& requirements, const Graph* loaded,
                                    std::span<const Module> add = {});
  Result<Requirements> convert_pruning(const Requirements& requirements, Pruning to);

  // Summaries of any modules, in order, read where they were not yet.
  std::vector<Result<SummaryPtr>> summaries(std::span<const Module> modules);
  // Whether it is for want of a newer go, be it of a module's go.mod or of its files: which one, and the
  // words for that alone, "M@V requires go >= X (running go …)", "module M@V requires …".
  struct NewerGo {
    std::string go;
    Error error;
  };
  std::optional<NewerGo> needs_newer_go(const Error& error) const;

  // What the go.mod was read of: requirements, not what replaces them.
  std::vector<Module> read() const;
  // Every module version the reader (or a limit) failed so far, by sort_modules.
  std::vector<Module> failed() const;

  Mvs mvs();

 private:
  Result<Requirements> update_pruned(const Requirements& requirements, const Graph* loaded,
                                     std::span<const Module> add);
  Result<Requirements> update_unpruned(const Requirements& requirements, const Graph* loaded,
                                       std::span<const Module> add);

  std::unique_ptr<Loader> loader_;
};

}  // namespace larder::resolve
