// SPDX-License-Identifier: Apache-2.0
// What `mod why`, `mod tidy` and `mod vendor` share: packages read from disk and module cache, and the loader
// over them. Thread rule: one thread.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/module_packages.hpp"
#include "cli/go_session.hpp"
#include "resolve/keep_sums.hpp"
#include "resolve/package_loader.hpp"

namespace larder::cli {

// go asks for the .info of every module it lists, and so leaves it in the cache. Failures do not matter.
void touch_infos(GoSession& go, const std::vector<gomod::Module>& modules);

// As go says it when it begins.
void tell_download(const Session& session, const gomod::Module& module);

// As go says it of a pattern that finds nothing.
void warn_unmatched(const Session& session, std::string_view pattern);

// What keep_sums says, for GoSession::write_sums. It must outlive the answer.
GoSession::KeepLine keep_lines(const resolve::KeepSums& sums);
resolve::KeepRules tidy_rules(const resolve::Requirements& requirements);

// Go files are read from disk alone: an overlay with such would be answered wrongly, so it is refused.
Result<void> refuse_overlaid_sources(const GoSession& go);

// How packages are read for this command. `zips` may be null: dependencies are extracted.
app::ModulePackages::Options package_options(GoSession& go, app::ZipsInPlace* zips = nullptr,
                                             bool show_ignored = false);

class PackageSession {
 public:
  // The session must outlive it. `versions` may be null: nothing missing is looked for.
  PackageSession(GoSession& go, resolve::PackageLoadOptions options, resolve::VersionSource* versions,
                 bool show_ignored = false);

  // False: what is wrong was said.
  bool load(resolve::Requirements initial);

  // Loads these packages first, as go does for words that name packages: the requirements as they are then.
  // The roots are asked once more at the end. nullopt: what is wrong was said.
  using Roots = std::function<std::vector<std::string>(resolve::Snapshot&)>;
  std::optional<resolve::Requirements> load_first(const Roots& roots, bool with_all,
                                                  resolve::Requirements initial);
  // Starts over with other options; what was read of packages stays.
  bool load_again(resolve::PackageLoadOptions options, resolve::Requirements initial);
  // The lines of go.sum that a tidy module has.
  resolve::KeepSums tidy_sums();
  // `warning: "all" matched no packages`, where that is so.
  void warn_of_nothing() const;

  resolve::PackageLoader& loader() { return *loader_; }
  resolve::ImportFinder& finder() { return *finder_; }
  app::ModulePackages& packages() { return packages_; }

 private:
  void make_loader();
  std::function<void(const std::string&)> teller() const;
  bool ended(bool well) const;
  void want_what_is_missing() const;
  bool nothing_could_have(const std::string& path) const;

  GoSession& go_;
  const Session& session_;
  resolve::PackageLoadOptions options_;
  std::set<std::string, std::less<>> tools_;
  std::unique_ptr<app::ZipsInPlace> zips_;  // null: dependencies are extracted
  app::ModulePackages packages_;
  std::unique_ptr<resolve::ImportFinder> finder_;
  std::unique_ptr<resolve::MissingImports> missing_;
  std::unique_ptr<resolve::PackageLoader> loader_;
  std::unique_ptr<resolve::Snapshot> before_;  // null but for tidy with --from-store: what go.mod said
};

}  // namespace larder::cli
