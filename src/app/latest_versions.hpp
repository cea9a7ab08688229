// SPDX-License-Identifier: Apache-2.0
// `PATH@latest` for imports that no required module provides: the highest release that is neither excluded
// nor retracted, else the highest pre-release, else what the source calls latest.
// Thread rule: any number of threads at once. Spec: go-resolution.md 4.7 (query latest).
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "app/cached_modules.hpp"
#include "resolve/main_modules.hpp"
#include "resolve/missing.hpp"
#include "resolve/summary.hpp"

namespace larder::app {

class LatestVersions final : public resolve::VersionSource {
 public:
  // All must outlive it.
  LatestVersions(CachedModules& modules, const resolve::MainModules& mains, std::stop_token stop)
      : modules_(modules), mains_(mains), stop_(std::move(stop)) {}

  Result<std::optional<std::string>> latest(const std::string& path, const std::string& selected) override;

 private:
  Result<std::vector<std::string>> versions(const std::string& path);
  // Those of the list that may be used, with the rule for +incompatible ones applied.
  std::vector<std::string> allowed(const std::string& path, const std::vector<std::string>& list,
                                   const std::vector<resolve::Retraction>& retracted,
                                   const std::string& selected);
  bool may_use(const gomod::Module& module, const std::vector<resolve::Retraction>& retracted) const;
  Result<std::optional<std::string>> pick(const std::string& path, const std::vector<std::string>& list,
                                          const std::vector<resolve::Retraction>& retracted,
                                          const std::string& selected);
  std::vector<resolve::Retraction> retractions(const gomod::Module& module);

  CachedModules& modules_;
  const resolve::MainModules& mains_;
  std::stop_token stop_;
};

}  // namespace larder::app
