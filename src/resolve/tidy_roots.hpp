// SPDX-License-Identifier: Apache-2.0
// The root requirements that packages need: raised while they are being found, and the shortest list in the
// end. Thread rule: as ImportFinder. Spec: go-resolution.md 4.4, 4.5, 4.6.
#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "resolve/packages.hpp"

namespace larder::resolve {

using DirectPaths = std::set<std::string, std::less<>>;

// Roots with the modules of these packages and with `add`, consistent with their graph. The same snapshot
// where nothing changed.
Result<SnapshotPtr> update_roots(ImportFinder& finder, const SnapshotPtr& from, const DirectPaths& direct,
                                 std::span<Package* const> packages, std::span<const Module> add);

// The shortest roots that still give these packages.
Result<SnapshotPtr> tidy_roots(ImportFinder& finder, Snapshot& from, const PackageGraph& packages);

}  // namespace larder::resolve
