// SPDX-License-Identifier: Apache-2.0
// `mod tidy --explain`: for each line of go.mod and go.sum that is added, removed or changed, why.
// Thread rule: one thread.
#pragma once

#include <string>

#include "cli/package_session.hpp"
#include "gomod/modfile.hpp"

namespace larder::cli {

struct TidyChange {
  const gomod::ModFile& old_mod;
  const gomod::ModFile& new_mod;
  const gomod::GoSum& old_sum;
  const gomod::GoSum& new_sum;
  std::string asked_go;  // -go
};

// A line a change: the go and toolchain lines, requirements in the order of paths, then go.sum in its order.
//   change go 1.17 to 1.22: example.com/a@v1.1.0 has go 1.22
//   add example.com/a v1.1.0: example.com/m imports example.com/a/sub
//   mark example.com/c v1.0.0 indirect: the main module imports no package of it
//   remove example.com/b v1.0.0: no package of it is imported
//   add go.sum example.com/c v1.0.0/go.mod: example.com/a@v1.1.0 requires it
// The loader has tidied. This may load more of the graph: what is written is settled before.
std::string explain_tidy(GoSession& go, PackageSession& session, const TidyChange& change);

}  // namespace larder::cli
