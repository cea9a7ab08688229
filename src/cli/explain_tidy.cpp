// SPDX-License-Identifier: Apache-2.0
#include "cli/explain_tidy.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/text.hpp"

namespace larder::cli {

namespace {

using Versions = std::map<std::string, std::string, std::less<>>;  // by path

Versions by_path(const std::vector<gomod::Module>& modules) {
  Versions out;
  for (const auto& m : modules) {
    if (!resolve::is_toolchain_path(m.path)) out[m.path] = m.version;
  }
  return out;
}

class Reasons {
 public:
  Reasons(resolve::PackageLoader& loader, const resolve::Graph& graph) : graph_(graph) {
    for (const auto* package : loader.packages().packages()) {
      if (!package->module.path.empty()) nearest_.try_emplace(package->module.path, package);
    }
  }

  // Why it is listed.
  std::string listed(const std::string& path) const {
    const auto nearest = nearest_.find(path);
    if (nearest == nearest_.end())
      return "no package of it is imported, but " + required(path, "its version counts");
    const auto* package = nearest->second;
    if (package->stack == nullptr) return "a tool of this module";
    const auto* from = package->stack;
    return fmt::format("{} imports {}", from->is_test() ? "the test of " + from->path : from->path,
                       package->path);
  }

  // Why it need not be listed.
  std::string unlisted(const std::string& path) const {
    const auto nearest = nearest_.find(path);
    if (nearest != nearest_.end()) {
      return fmt::format("{} is imported, and {}", nearest->second->path,
                         required(path, "selected without it"));
    }
    return "no package of it is imported";
  }

  // Why this version and no other.
  std::string version(const std::string& path) const { return required(path, "the latest that will do"); }

 private:
  // Who else asks for the selected version.
  std::string required(const std::string& path, std::string_view otherwise) const {
    const auto selected = graph_.selected(path);
    if (!selected) return std::string(otherwise);
    const gomod::Module module{path, std::string(*selected)};
    for (const auto& m : graph_.modules()) {
      if (m.version.empty()) continue;
      const auto required = graph_.required_by(m);
      if (std::ranges::find(required, module) != required.end())
        return fmt::format("{} requires {}", m.str(), module.version);
    }
    return std::string(otherwise);
  }

  const resolve::Graph& graph_;
  std::map<std::string, const resolve::Package*, std::less<>> nearest_;  // shortest way first
};

}  // namespace

std::string explain_tidy(GoSession& go, const std::vector<gomod::Module>& before, PackageSession& session) {
  auto& loader = session.loader();
  auto& now = loader.requirements();
  const Reasons reasons(loader, now.load(go.resolver()));
  const auto old_versions = by_path(before);
  const auto new_versions = by_path(now.requirements.roots);
  std::map<std::string, std::string> lines;  // by path
  for (const auto& [path, version] : old_versions) {
    if (!new_versions.contains(path))
      lines[path] = fmt::format("remove {} {}: {}\n", path, version, reasons.unlisted(path));
  }
  for (const auto& [path, version] : new_versions) {
    const auto old = old_versions.find(path);
    if (old == old_versions.end()) {
      lines[path] = fmt::format("add {} {}: {}\n", path, version, reasons.listed(path));
    } else if (old->second != version) {
      lines[path] =
          fmt::format("change {} {} to {}: {}\n", path, old->second, version, reasons.version(path));
    }
  }
  std::string out;
  for (const auto& [path, line] : lines) out += line;
  return out;
}

}  // namespace larder::cli
