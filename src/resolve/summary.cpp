// SPDX-License-Identifier: Apache-2.0
#include "resolve/summary.hpp"

#include <utility>

#include "gomod/goversion.hpp"
#include "gomod/modfile.hpp"

namespace larder::resolve {

Result<void> check_declared_path(const Module& required, const Module& actual, const ModSummary& summary) {
  if (actual.version.empty()) return {};  // a directory may declare anything
  const std::string& declared = summary.module_path;
  if (declared.empty()) return fail(Kind::invalid, "parsing go.mod: missing module line");
  if (declared == required.path || declared == actual.path) return {};
  return fail(Kind::invalid, "parsing go.mod:\n\tmodule declares its path as: " + declared +
                                 "\n\t        but was required as: " + required.path);
}

Result<ModSummary> summarize(std::string_view text, const ModOrigin& origin) {
  auto file = TRY(gomod::parse_mod_lax(origin.file, text).context("parsing " + origin.short_file));
  ModSummary summary;
  if (file.module) {
    summary.module_path = std::move(file.module->path);
    summary.deprecated = std::move(file.module->deprecated);
  }
  if (file.go) summary.go_version = std::move(file.go->version);
  summary.pruning = pruning_for(summary.go_version);
  summary.require.reserve(file.require.size() + 1);
  for (auto& r : file.require) summary.require.push_back(std::move(r.mod));
  for (auto& r : file.retract) {
    summary.retract.push_back({std::move(r.low), std::move(r.high), std::move(r.rationale)});
  }
  if (gomod::goversion::compare(summary.go_version, k_strict_go) >= 0) {
    summary.require.push_back({std::string(k_go), summary.go_version});
  }
  return summary;
}

}  // namespace larder::resolve
