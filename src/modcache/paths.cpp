// SPDX-License-Identifier: Apache-2.0
#include "modcache/paths.hpp"

#include <initializer_list>

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

// Made for each module of a project, several times: fmt::format would be half of it.
std::string joined(std::initializer_list<std::string_view> parts) {
  std::string out;
  std::size_t size = 0;
  for (const auto part : parts) size += part.size();
  out.reserve(size + std::string_view(".ziphash").size());
  for (const auto part : parts) out += part;
  return out;
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
  return Paths(joined({root.native(), "/cache/download/", path, "/@v/", version}),
               joined({root.native(), "/", path, "@", version}));
}

}  // namespace larder::modcache
