// SPDX-License-Identifier: Apache-2.0
#include "app/cached_versions.hpp"

namespace larder::app {

Result<std::vector<std::string>> CachedVersions::list(const std::string& path) {
  return source().list(path, stop_);
}

Result<fetch::Info> CachedVersions::latest(const std::string& path) {
  return modules_.query(path, "latest", stop_, from_);
}

Result<fetch::Info> CachedVersions::stat(const std::string& path, const std::string& revision) {
  return modules_.stat(path, revision, stop_, from_);
}

Result<std::string> CachedVersions::go_mod(const gomod::Module& module) {
  if (!module.version.empty()) return modules_.mod(module, stop_);
  static const Overlay k_none;
  const auto file = (base_ / module.path / "go.mod").lexically_normal();
  return (overlay_ == nullptr ? k_none : *overlay_)
      .read(file)
      .context("module " + module.path + ": reading " + shown_path(file, cwd_));
}

std::optional<fetch::Origin> CachedVersions::tags_origin(const std::string& path, const std::string& prefix) {
  return source().tags_origin(path, prefix, stop_);
}

std::optional<fetch::Origin> CachedVersions::failure_origin(const std::string& path,
                                                            const std::string& query) {
  return source().failure_origin(path, query);
}

Result<void> CachedVersions::confirm(const std::string& path, const fetch::Origin& origin) {
  return source().confirm(path, origin, stop_);
}

Result<void> CachedVersions::in_turn(const std::string& path, const Ask& ask) {
  return modules_.source().in_turn({path, ""}, [&](const fetch::ModuleSource& source) {
    auto one = *this;
    one.from_ = &source;
    return ask(one);
  });
}

}  // namespace larder::app
