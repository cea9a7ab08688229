// SPDX-License-Identifier: Apache-2.0
// The module cache and its GOPROXY chain as a source for version queries.
// Thread rule: as CachedModules. Spec: go-modules.md 5.4.
#pragma once

#include <stop_token>

#include "app/cached_modules.hpp"
#include "app/mod_reader.hpp"
#include "app/version_query.hpp"

namespace larder::app {

class CachedVersions final : public VersionSource {
 public:
  // base: directory replacements are relative to it; errors show them relative to cwd. overlay may be
  // nullptr.
  CachedVersions(CachedModules& modules, sys::Path base, sys::Path cwd, const Overlay* overlay,
                 std::stop_token stop)
      : modules_(modules),
        base_(std::move(base)),
        cwd_(std::move(cwd)),
        overlay_(overlay),
        stop_(std::move(stop)) {}

  Result<std::vector<std::string>> list(const std::string& path) override;
  Result<fetch::Info> latest(const std::string& path) override;
  Result<fetch::Info> stat(const std::string& path, const std::string& revision) override;
  Result<std::string> go_mod(const gomod::Module& module) override;
  std::optional<fetch::Origin> tags_origin(const std::string& path, const std::string& prefix) override;
  std::optional<fetch::Origin> failure_origin(const std::string& path, const std::string& query) override;
  Result<void> confirm(const std::string& path, const fetch::Origin& origin) override;
  Result<void> in_turn(const std::string& path, const Ask& ask) override;

 private:
  const fetch::ModuleSource& source() const { return from_ == nullptr ? modules_.source() : *from_; }

  CachedModules& modules_;
  const fetch::ModuleSource* from_ = nullptr;  // one of the chain; nullptr: all of it
  sys::Path base_;
  sys::Path cwd_;
  const Overlay* overlay_;
  std::stop_token stop_;
};

}  // namespace larder::app
