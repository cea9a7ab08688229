// SPDX-License-Identifier: Apache-2.0
// `larder stock`: bring what a project needs from upstream into the store, verified. Resumable and
// idempotent: what is held and sound costs no request. One module's failure does not stop the others. Thread
// rule: one call, one thread (works on several).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "app/plan.hpp"
#include "app/policy.hpp"
#include "app/progress.hpp"
#include "app/project.hpp"
#include "fetch/settings.hpp"
#include "fetch/source.hpp"
#include "fetch/verify.hpp"
#include "store/go_modules.hpp"

namespace larder::app {

class Carrier;

struct StockOptions {
  fetch::Settings settings;
  const fetch::Authority* database = nullptr;  // outlives the Stocker
  unsigned jobs = 16;                          // requests at once
  bool dry_run = false;
  bool verify = false;  // read every byte of what is held, and bring damage in again
  Policy policy;
  std::int64_t now = 0;        // seconds since the epoch, for the policy's ages
  Carrier* carrier = nullptr;  // is told of all that is wanted and held; outlives the Stocker
};

// What became of what was wanted. A module counts once, however many projects and targets want it.
class StockTally {
 public:
  void fetched(const gomod::Module& module);      // it came in whole
  void requirement(const gomod::Module& module);  // its .mod did
  void held(const gomod::Module& module);         // there was no need
  void merge(const StockTally& later);

  std::size_t fetched() const { return count(Is::fetched); }
  std::size_t requirements() const { return count(Is::requirement); }
  std::size_t held() const { return count(Is::held); }

 private:
  enum class Is { held, requirement, fetched };  // each outdoes the ones before
  void note(const gomod::Module& module, Is is);
  std::size_t count(Is is) const;
  std::map<gomod::Module, Is> modules_;
};

struct StockReport {
  StockTally tally;
  std::uint64_t repaired = 0;            // of those that came in: were held, but damaged
  std::uint64_t bytes = 0;               // received
  std::vector<Want> planned;             // dry run: what would be fetched
  std::vector<gomod::Module> unchecked;  // came in with nothing to compare them with (GOSUMDB=off, GONOSUMDB)
  std::vector<gomod::Module> unsummed;   // as Plan::unsummed: the project's go.sum lacks a line
  std::vector<Decision> decisions;       // of the policy; each refusal is a failure too
  std::uint64_t judged = 0;              // wants that a policy looked at
  std::vector<Error> failures;           // in module order
};

// Sorted, each once.
void sort_unique(std::vector<gomod::Module>& modules);

class Stocker {
 public:
  Stocker(const store::GoModules& modules, const fetch::ModuleSource& source, StockOptions options,
          Progress& progress)
      : modules_(modules), source_(source), options_(std::move(options)), progress_(progress) {}

  Result<StockReport> stock(const Project& project, std::stop_token stop) const;
  // query: a version, "latest", a branch, "v1", ">=v1.2.0". Resolves it and stocks the module with all it
  // requires. Where there is no module of this path, it may be a package's: then the module that has it.
  Result<StockReport> stock(const std::string& path, const std::string& query, std::stop_token stop) const;

 private:
  Result<void> check_name(const gomod::Module& module) const;
  void refresh_lists(const std::vector<std::string>& paths, std::vector<Error>& failures) const;
  Result<gomod::Module> resolve(const std::string& path, const std::string& query,
                                const std::stop_token& stop) const;
  Result<gomod::Module> find(const std::string& path, const std::string& query,
                             const std::stop_token& stop) const;
  Result<StockReport> run(const Project& project, const std::function<bool(const gomod::Module&)>& vouched,
                          std::stop_token stop) const;

  const store::GoModules& modules_;
  const fetch::ModuleSource& source_;
  StockOptions options_;
  Progress& progress_;
};

// GOSUMDB=off, or the path matches GONOSUMDB or its default GOPRIVATE (and is no toolchain).
bool vouched_without_sum(const fetch::Settings& settings, const gomod::Module& module);
// Or does the checksum database vouch for it? Then its archive belongs to what is wanted, go.sum or not.
bool usable_without_sum(const fetch::Settings& settings, const gomod::Module& module);

}  // namespace larder::app
