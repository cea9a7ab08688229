// SPDX-License-Identifier: Apache-2.0
#include "modcache/paths.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "gomod/escape.hpp"
#include "gomod/semver.hpp"

namespace larder::modcache {

namespace {

Result<void> check_version(const gomod::Module& module) {
  if (module.path == "go" || module.path == "toolchain") {
    return fail(Kind::invalid, fmt::format("{} has no files in the module cache", module.str()));
  }
  if (!gomod::semver::valid(module.version)) {
    return fail(Kind::invalid, fmt::format("non-semver module version {}", quote(module.version)));
  }
  if (gomod::semver::canonical_version(module.version) != module.version) {
    return fail(Kind::invalid, fmt::format("non-canonical module version {}", quote(module.version)));
  }
  return {};
}

}  // namespace

Path download_dir(const Path& root) {
  return root / "cache" / "download";
}

Result<Path> versions_dir(const Path& root, std::string_view module_path) {
  return download_dir(root) / TRY(gomod::escape_path(module_path)) / "@v";
}

Result<Paths> Paths::of(const Path& root, const gomod::Module& module) {
  const std::string path = TRY(gomod::escape_path(module.path));
  TRY(check_version(module));
  const std::string version = TRY(gomod::escape_version(module.version));
  return Paths(fmt::format("{}/cache/download/{}/@v/{}", root.native(), path, version),
               fmt::format("{}/{}@{}", root.native(), path, version));
}

}  // namespace larder::modcache
