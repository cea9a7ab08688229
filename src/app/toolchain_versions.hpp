// SPDX-License-Identifier: Apache-2.0
// The versions of the paths `go` and `toolchain`, which are no modules: what the list of golang.org/toolchain
// says, and the local go itself, of which every older language version is taken to be a part. Every other
// path is asked of the source behind. Thread rule: as the source behind. Spec: go-modules.md 8,
// go-resolution.md 0.1.
#pragma once

#include "app/version_query.hpp"

namespace larder::app {

class ToolchainVersions final : public VersionSource {
 public:
  // behind and local_go (a go version, "1.24.3") outlive this.
  ToolchainVersions(VersionSource& behind, std::string_view local_go)
      : behind_(behind), local_go_(local_go) {}

  // Sorted as such versions are: "1.21rc1", "1.21.0", for `toolchain` with "go" before it.
  Result<std::vector<std::string>> list(const std::string& path) override;
  Result<fetch::Info> latest(const std::string& path) override;
  // "go1.21.3" and "1.21.3" are both understood for either path.
  Result<fetch::Info> stat(const std::string& path, const std::string& revision) override;
  Result<std::string> go_mod(const gomod::Module& module) override;
  std::optional<fetch::Origin> tags_origin(const std::string& path, const std::string& prefix) override;
  std::optional<fetch::Origin> failure_origin(const std::string& path, const std::string& query) override;
  Result<void> confirm(const std::string& path, const fetch::Origin& origin) override;
  Result<void> in_turn(const std::string& path, const Ask& ask) override;

 private:
  VersionSource& behind_;
  std::string_view local_go_;
};

}  // namespace larder::app
