// SPDX-License-Identifier: Apache-2.0
// What a store and a module cache hold, as a source of modules: lists, `latest` and commits are answered from
// there and nowhere else. What is asked for by version and not there is remembered, so that one run names all
// that has to be brought in.
// Thread rule: any number of threads at once. Spec: go-resolution.md 9.
#pragma once

#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "app/plan.hpp"
#include "fetch/source.hpp"
#include "fetch/verify.hpp"
#include "modcache/cache.hpp"
#include "store/go_modules.hpp"
#include "sumstore/carried.hpp"
#include "sys/parallel.hpp"

namespace larder::app {

class HeldModules final : public fetch::ModuleSource {
 public:
  // Both must outlive it.
  HeldModules(const store::GoModules& store, const modcache::Cache& cache) : store_(store), cache_(cache) {}

  // Versions held whole in either; pseudo-versions left out, as in any list.
  Result<std::vector<std::string>> list(std::string_view path, std::stop_token stop) const override;
  // The highest release held, else pre-release, else the newest pseudo-version.
  Result<fetch::Info> latest(std::string_view path, std::stop_token stop) const override;
  // A version, or a commit that a held pseudo-version names. Branches are not known here.
  Result<fetch::Info> info(std::string_view path, std::string_view query,
                           std::stop_token stop) const override;
  Result<std::string> mod(const gomod::Module& module, std::stop_token stop) const override;
  Result<void> zip(const gomod::Module& module, fetch::ByteSink& sink, std::stop_token stop) const override;

  // Of a version that is held whole, as it lies there: to be compared with its .ziphash. What is not held is
  // wanted from then on.
  Result<std::unique_ptr<store::Blob>> open_zip(const gomod::Module& module) const;
  const store::GoModules& store() const { return store_; }

  // The error says that it is not held.
  Error want(const gomod::Module& module, bool whole) const;
  void want_unless_held(const gomod::Module& module, bool whole) const;
  // A query that nothing held answers: "latest", "v1", a branch. `path` may be a package's.
  void want_query(const std::string& path, const std::string& query) const;
  // By module, each once; a query stands in place of a version.
  std::vector<Want> wants() const;
  // What was asked for turned out not to be needed.
  void forget_wants() { wants_.lock()->clear(); }

 private:
  Result<std::vector<std::string>> held(std::string_view path) const;
  Result<fetch::Info> info_of(const gomod::Module& module) const;
  Result<void> sound(const gomod::Module& module, store::Part part) const;

  const store::GoModules& store_;
  const modcache::Cache& cache_;
  mutable sys::Sync<std::map<gomod::Module, bool>> wants_;  // true: whole
};

// The checksum database that the store carries. Where it is off, or does not know private modules: what is in
// the store was verified when it came in, and is compared with its hash again.
class HeldAuthority final : public fetch::Authority {
 public:
  // settings: gosumdb, gonosumdb, goprivate. held: there is wanted what nothing vouches for.
  HeldAuthority(const store::GoModules& store, fetch::Settings settings, const HeldModules* held = nullptr);
  Result<void> confirm(const gomod::Module& module, fetch::Of of, const gomod::H1& hash,
                       std::stop_token stop) const override;

 private:
  Result<void> ask_database(const gomod::Module& module, fetch::Of of, const gomod::H1& hash,
                            std::stop_token stop) const;

  const store::GoModules& store_;
  fetch::Settings settings_;
  const HeldModules* held_;
  std::unique_ptr<sumstore::Carried> carried_;  // none: GOSUMDB=off, or it makes no sense
};

}  // namespace larder::app
