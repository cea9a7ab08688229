// SPDX-License-Identifier: Apache-2.0
// `mod tidy --explain`: for each requirement that is added, removed or changed, why.
// Thread rule: one thread.
#pragma once

#include <string>

#include "cli/package_session.hpp"

namespace larder::cli {

// A line a change, in the order of paths:
//   add example.com/a v1.1.0: example.com/m imports example.com/a/sub
//   remove example.com/b v1.0.0: no package of it is imported
// `before` is what go.mod required; the loader has tidied.
std::string explain_tidy(GoSession& go, const std::vector<gomod::Module>& before, PackageSession& session);

}  // namespace larder::cli
