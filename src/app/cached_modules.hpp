// SPDX-License-Identifier: Apache-2.0
// The module cache in front of a GOPROXY chain, as the go command uses the two: what is cached is used, the
// rest is fetched, every hash is compared with go.sum first, and hashes that go.sum lacks are remembered for
// it. Thread rule: any number of threads at once. Spec: go-modules.md 2.3, 6.8, 10.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "fetch/info.hpp"
#include "fetch/source.hpp"
#include "fetch/verify.hpp"
#include "gomod/gosum.hpp"
#include "modcache/cache.hpp"
#include "sys/parallel.hpp"

namespace larder::app {

// Does it say that bytes are not those of a go.sum: "verifying M@V: checksum mismatch …"?
bool contradicts_sum(const Error& error);

// leaves: what the source answers is used and not kept.
enum class CacheUse { fills, leaves };

class CachedModules {
 public:
  CachedModules(const modcache::Cache& cache, const fetch::ModuleSource& source,
                const fetch::Verifier& verifier, CacheUse use = CacheUse::fills)
      : cache_(cache), source_(source), verifier_(verifier), fills_(use == CacheUse::fills) {}

  // The bytes of .info as cached; for an exact version.
  Result<std::string> info(const gomod::Module& module, std::stop_token stop,
                           const fetch::ModuleSource* from = nullptr);
  // Branches, "latest" and the like always ask the source; the answer is cached under its version.
  // from: the source to ask, in place of the whole chain; here and below.
  Result<fetch::Info> query(const std::string& path, const std::string& query, std::stop_token stop,
                            const fetch::ModuleSource* from = nullptr);
  // As query, but "latest" is a revision like any other. Where nobody may be asked, a commit that is cached
  // under its pseudo-version is found.
  Result<fetch::Info> stat(const std::string& path, const std::string& revision, std::stop_token stop,
                           const fetch::ModuleSource* from = nullptr);
  Result<std::string> mod(const gomod::Module& module, std::stop_token stop);
  // The same for a go.mod in the cache whose hash is known: what go.sum says of it counts.
  Result<void> check_mod(const gomod::Module& module, const gomod::H1& hash, const std::stop_token& stop) {
    return check(module, fetch::Of::go_mod, hash, stop);
  }
  // What mod() gives, where nothing need be fetched for it; not compared with go.sum.
  std::optional<std::string> near_mod(const gomod::Module& module, std::stop_token stop) const;
  // And for a zip that lies somewhere else.
  Result<void> check_zip(const gomod::Module& module, const gomod::H1& hash, const std::stop_token& stop) {
    return check(module, fetch::Of::zip, hash, stop);
  }
  // Zip, ziphash and, if asked for, the tree. Kind::internal where the cache is to be left as it is.
  enum class Need { zip, both, tree };  // tree: the zip too, unless there is a tree already
  Result<modcache::Installed> install(const gomod::Module& module, Need need, std::stop_token stop);

  // Called before a zip is fetched, or hashed for want of a .ziphash, from any thread. Set it before the
  // first use.
  void on_download(std::function<void(const gomod::Module&)> tell) { tell_ = std::move(tell); }

  // Called once for each hash that was accepted without a line in go.sum, from any thread. As on_download.
  using TellSum = std::function<void(const gomod::Module&, fetch::Of, const std::string& hash)>;
  void on_new_sum(TellSum tell) { tell_sum_ = std::move(tell); }

  // Called once for each .info and .mod that could not be put into the cache ("writing go.mod cache: …"),
  // which is no failure; from any thread. As on_download.
  void on_unwritten(std::function<void(const std::string&)> tell) { tell_unwritten_ = std::move(tell); }

  // Was something not in the cache?
  bool asked_source() const { return asked_source_; }

  // Hashes that were accepted without a line in go.sum.
  gomod::GoSum new_sums() { return *new_sums_.lock(); }
  // The first content that is not what a go.sum says, the report of a forked checksum database, or why there
  // is no cache for what has to be installed in it. It ends a go command, whatever else there is to say.
  std::optional<Error> contradiction() { return *contradiction_.lock(); }
  // What was read and is not what it has to be: Kind::unverified, or, of a zip, Kind::invalid.
  std::map<gomod::Module, Kind> damaged() { return *damaged_.lock(); }
  // Adds to it; an error of another kind is none.
  void note_damage(const gomod::Module& module, const Error& error);
  const modcache::Cache& cache() const { return cache_; }
  const fetch::ModuleSource& source() const { return source_; }

 private:
  Result<void> check(const gomod::Module& module, fetch::Of of, const gomod::H1& hash,
                     const std::stop_token& stop);
  Result<std::optional<fetch::Info>> read_info(const gomod::Module& module);
  enum class Anew { no, yes };
  Result<fetch::Info> keep(const std::string& path, fetch::Info found, Anew anew);
  bool write_info(const gomod::Module& module, std::string_view json);  // was it?
  void write_mod(const gomod::Module& module, std::string_view go_mod);
  void tell_unwritten(std::string_view what, const gomod::Module& module, const Result<void>& written);

  const modcache::Cache& cache_;
  const fetch::ModuleSource& source_;
  const fetch::Verifier& verifier_;
  bool fills_;
  std::function<void(const gomod::Module&)> tell_;
  TellSum tell_sum_;
  std::function<void(const std::string&)> tell_unwritten_;
  std::atomic<bool> asked_source_ = false;
  sys::Sync<std::map<gomod::Module, fetch::Info>> infos_;  // those of the cache that were asked for
  sys::Sync<gomod::GoSum> new_sums_;
  sys::Sync<std::optional<Error>> contradiction_;
  sys::Sync<std::map<gomod::Module, Kind>> damaged_;
  sys::Sync<std::set<std::pair<std::string_view, gomod::Module>>> unwritten_;
};

// Adds lines to a go.sum under go's own lock, in place. Nothing is written where nothing is new. What other
// files know, those of a workspace's modules beside go.work.sum, is dropped.
Result<void> add_to_go_sum(const sys::Path& file, const gomod::GoSum& lines, const gomod::GoSum& elsewhere);

}  // namespace larder::app
