// SPDX-License-Identifier: Apache-2.0
// Changes requirements so that given versions are selected, as `work sync` asks of each module of a
// workspace: other roots rise where they must, and are lowered where they would raise a given version.
// Thread rule: as Resolver. Spec: go-resolution.md 3.4, 8 (5).
#pragma once

#include <functional>
#include <span>
#include <string>

#include "resolve/mvs.hpp"
#include "resolve/resolver.hpp"

namespace larder::resolve {

// Requirements in which each of `must` (a path at most once) is selected, and which otherwise are those of
// `from` as far as that goes; equal to `from` where nothing has to change. Not for a workspace.
// Errors: the versions contradict each other, or a go.mod that matters cannot be had. `history` says what
// there is below a version. note: told of each version that is left because a go.mod cannot be had.
Result<Requirements> select_versions(Resolver& resolver, const Requirements& from,
                                     std::span<const Module> must, VersionHistory& history,
                                     const std::function<void(const std::string&)>& note);

}  // namespace larder::resolve
