// SPDX-License-Identifier: Apache-2.0
#include "app/latest_versions.hpp"

#include <algorithm>

#include "gomod/check.hpp"
#include "gomod/semver.hpp"

namespace larder::app {

using Is = QueryFailure::Is;

Result<std::optional<std::string>> LatestVersions::latest(const std::string& path,
                                                          const std::string& selected) {
  if (auto valid = gomod::check_path(path); !valid) {
    return fail(Kind::not_found, valid.error().message());
  }
  auto found = queries_.query(path, "latest", selected, Allow::not_retracted, nullptr, only_);
  if (found) {
    // Failures to learn what is retracted count for a yes, but for one.
    const auto retracted = queries_.retraction({path, found->version});
    if (!retracted && retracted.error().error.kind() == Kind::unverified)
      return fail(retracted.error().error);
    return std::optional(std::move(found->version));
  }
  const auto& [is, names_module, error, origin] = found.error();
  if (is == Is::no_match || is == Is::disallowed) return std::optional<std::string>();
  if (is == Is::absent) return fail(Kind::not_found, error.message(), error.hint());
  return fail(error);
}

Result<void> LatestVersions::in_turn(const Ask& ask) {
  return queries_.each_source([&](VersionQueries::From from) {
    LatestVersions one(queries_, from);
    return ask(one);
  });
}

Result<std::string> PreviousVersions::previous(const gomod::Module& m) {
  const auto list = queries_.versions(m.path, Allow::not_retracted);
  if (!list && list.error().is != Is::absent) return fail(list.error().error);
  if (!list) return std::string(resolve::k_none);
  const auto at = std::ranges::lower_bound(list->list, m.version, gomod::semver::less);
  return at == list->list.begin() ? std::string(resolve::k_none) : *std::prev(at);
}

}  // namespace larder::app
