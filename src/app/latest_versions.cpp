// SPDX-License-Identifier: Apache-2.0
#include "app/latest_versions.hpp"

#include <algorithm>

#include "gomod/check.hpp"
#include "gomod/modfile.hpp"
#include "gomod/pseudo.hpp"
#include "gomod/semver.hpp"

namespace larder::app {

namespace {

namespace semver = gomod::semver;
constexpr std::string_view k_incompatible = "+incompatible";

bool within(const resolve::Retraction& r, const std::string& version) {
  return semver::compare(r.low, version) <= 0 && semver::compare(version, r.high) <= 0;
}

}  // namespace

Result<std::vector<std::string>> LatestVersions::versions(const std::string& path) {
  bool replaced = false;
  std::vector<std::string> out;
  for (const auto& r : mains_.replacements()) {
    if (r.from.path != path) continue;
    replaced = true;
    if (!r.from.version.empty() && !gomod::pseudo::is_pseudo(r.from.version)) out.push_back(r.from.version);
  }
  auto listed = modules_.source().list(path, stop_);
  if (!listed && !(replaced && listed.error().kind() == Kind::not_found)) {
    return fail(std::move(listed).error());
  }
  if (listed) out.insert(out.end(), listed->begin(), listed->end());
  std::ranges::sort(out, [](const auto& a, const auto& b) { return semver::compare(a, b) < 0; });
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

bool LatestVersions::may_use(const gomod::Module& module,
                             const std::vector<resolve::Retraction>& retracted) const {
  return !mains_.excluded(module) &&
         std::ranges::none_of(retracted, [&](const auto& r) { return within(r, module.version); });
}

std::vector<std::string> LatestVersions::allowed(const std::string& path,
                                                 const std::vector<std::string>& list,
                                                 const std::vector<resolve::Retraction>& retracted,
                                                 const std::string& selected) {
  std::vector<std::string> out;
  std::string last_compatible;
  for (const auto& version : list) {
    if (!may_use({path, version}, retracted)) continue;
    const bool incompatible = version.ends_with(k_incompatible);
    if (!incompatible) {
      last_compatible = version;
    } else if (!last_compatible.empty() && !selected.ends_with(k_incompatible)) {
      // A module that has a go.mod by now means its older tags above v1 no more.
      const auto mod = modules_.mod({path, last_compatible}, stop_);
      if (mod && *mod != gomod::synthesize_mod(path)) return out;
      last_compatible.clear();
    }
    out.push_back(version);
  }
  return out;
}

std::vector<resolve::Retraction> LatestVersions::retractions(const gomod::Module& module) {
  const auto& actual = mains_.actual(module);
  if (actual.version.empty()) return {};
  const auto text = modules_.mod(actual, stop_);
  if (!text) return {};
  const auto summary = resolve::summarize(*text);
  return summary ? summary->retract : std::vector<resolve::Retraction>();
}

Result<std::optional<std::string>> LatestVersions::pick(const std::string& path,
                                                        const std::vector<std::string>& list,
                                                        const std::vector<resolve::Retraction>& retracted,
                                                        const std::string& selected) {
  const auto usable = allowed(path, list, retracted, selected);
  for (auto version = usable.rbegin(); version != usable.rend(); ++version) {
    if (semver::prerelease(*version).empty()) return std::optional(*version);
  }
  if (!usable.empty()) return std::optional(usable.back());
  auto found = modules_.query(path, "latest", stop_);
  if (!found) {
    if (list.empty()) return fail(std::move(found).error());
    return std::optional<std::string>();
  }
  if (!may_use({path, found->version}, retracted)) return std::optional<std::string>();
  return std::optional(found->version);
}

Result<std::optional<std::string>> LatestVersions::latest(const std::string& path,
                                                          const std::string& selected) {
  if (auto valid = gomod::check_path(path); !valid) {
    return fail(Kind::not_found, valid.error().message());
  }
  const auto list = TRY(versions(path));
  auto newest = TRY(pick(path, list, {}, selected));
  if (!newest) return newest;
  // go leaves the .info of each version it looked at in the cache.
  const auto look = [&](const std::string& version) -> Result<void> {
    if (mains_.replacement({path, version}) == nullptr) TRY(modules_.info({path, version}, stop_));
    return {};
  };
  TRY(look(*newest));
  const auto retracted = retractions({path, *newest});
  if (retracted.empty()) return newest;
  auto out = TRY(pick(path, list, retracted, selected));
  if (out) TRY(look(*out));
  return out;
}

}  // namespace larder::app
