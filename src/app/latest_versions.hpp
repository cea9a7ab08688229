// SPDX-License-Identifier: Apache-2.0
// What resolving asks of version queries: `PATH@latest` for imports that no required module provides, and the
// version before another one for requirements that have to give way.
// Thread rule: as VersionQueries. Spec: go-resolution.md 4.7 (query latest), 3.4 (downgrade).
#pragma once

#include <optional>
#include <string>

#include "app/version_query.hpp"
#include "resolve/missing.hpp"
#include "resolve/mvs.hpp"

namespace larder::app {

class LatestVersions final : public resolve::VersionSource {
 public:
  // The queries must outlive it. only: of VersionQueries::each_source.
  explicit LatestVersions(VersionQueries& queries, std::optional<VersionQueries::From> only = {})
      : queries_(queries), only_(only) {}

  Result<std::optional<std::string>> latest(const std::string& path, const std::string& selected) override;
  Result<void> in_turn(const Ask& ask) override;

 private:
  VersionQueries& queries_;
  std::optional<VersionQueries::From> only_;
};

class PreviousVersions final : public resolve::VersionHistory {
 public:
  explicit PreviousVersions(VersionQueries& queries) : queries_(queries) {}

  Result<std::string> previous(const gomod::Module& m) override;

 private:
  VersionQueries& queries_;
};

}  // namespace larder::app
