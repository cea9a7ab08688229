// SPDX-License-Identifier: Apache-2.0
#include "app/toolchain_versions.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "gomod/goversion.hpp"
#include "gomod/toolchain.hpp"
#include "resolve/versions.hpp"

namespace larder::app {

namespace {

namespace goversion = gomod::goversion;
using resolve::is_toolchain_path;

// A platform that every release is there for.
constexpr std::string_view k_platform = "linux-amd64";

const std::string& toolchain_module() {
  static const std::string k_path(gomod::k_toolchain_module);
  return k_path;
}

std::string_view prefix_of(std::string_view path) {
  return path == resolve::k_toolchain ? "go" : "";
}

}  // namespace

Result<std::vector<std::string>> ToolchainVersions::list(const std::string& path) {
  if (!is_toolchain_path(path)) return behind_.list(path);
  std::vector<std::string> out;
  const auto add = [&](std::string_view release) {
    if (!release.empty()) out.push_back(fmt::format("{}{}", prefix_of(path), release));
  };
  for (const auto& version : TRY(behind_.list(toolchain_module()))) add(gomod::release_of_download(version));
  add(local_go_);
  const auto before = [&](const std::string& a, const std::string& b) {
    const int order = resolve::compare_versions(path, a, b);
    return order != 0 ? order < 0 : a < b;
  };
  std::ranges::sort(out, before);
  out.erase(std::ranges::unique(out).begin(), out.end());
  return out;
}

Result<fetch::Info> ToolchainVersions::latest(const std::string& path) {
  if (!is_toolchain_path(path)) return behind_.latest(path);
  return stat(path, TRY(list(path)).back());
}

Result<fetch::Info> ToolchainVersions::stat(const std::string& path, const std::string& revision) {
  if (!is_toolchain_path(path)) return behind_.stat(path, revision);
  std::string_view release = revision;
  if (release.starts_with("go")) release.remove_prefix(2);
  if (!goversion::valid(release))
    return fail(Kind::invalid, fmt::format("invalid {} version {}", path, revision));
  fetch::Info out;
  out.version = fmt::format("{}{}", prefix_of(path), release);
  out.time = gomod::k_no_time;
  const bool is_part_of_local =
      path == resolve::k_go ? goversion::compare(release, local_go_) <= 0 : release == local_go_;
  if (is_part_of_local) return out;
  if (goversion::is_lang(release))
    return fail(Kind::invalid, fmt::format("go language version {} is not a toolchain version", revision));
  const auto download = TRY(gomod::toolchain_download(fmt::format("go{}", release), k_platform));
  out.time = TRY(behind_.stat(download.path, download.version)).time;
  return out;
}

Result<std::string> ToolchainVersions::go_mod(const gomod::Module& module) {
  if (!is_toolchain_path(module.path)) return behind_.go_mod(module);
  return fmt::format("module {}\n", module.path);
}

std::optional<fetch::Origin> ToolchainVersions::tags_origin(const std::string& path,
                                                            const std::string& prefix) {
  return is_toolchain_path(path) ? std::nullopt : behind_.tags_origin(path, prefix);
}

std::optional<fetch::Origin> ToolchainVersions::failure_origin(const std::string& path,
                                                               const std::string& query) {
  return is_toolchain_path(path) ? std::nullopt : behind_.failure_origin(path, query);
}

Result<void> ToolchainVersions::confirm(const std::string& path, const fetch::Origin& origin) {
  if (!is_toolchain_path(path)) return behind_.confirm(path, origin);
  return fail(Kind::unavailable, "go versions have no origin to confirm");
}

Result<void> ToolchainVersions::in_turn(const std::string& path, const Ask& ask) {
  return behind_.in_turn(is_toolchain_path(path) ? toolchain_module() : path, [&](VersionSource& source) {
    ToolchainVersions one(source, local_go_);
    return ask(one);
  });
}

}  // namespace larder::app
