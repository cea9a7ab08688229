// SPDX-License-Identifier: Apache-2.0
// Where the indexes of the module cache lie: LARDER_INDEX, else the user's cache folder.
// Thread rule: a pure function. See docs/formats/index.md.
#pragma once

#include "cli/config.hpp"

namespace larder::cli {

// An absolute folder; empty: none are kept (LARDER_INDEX=off, or there is no home).
Setting index_folder(const sys::Environment& environment);

}  // namespace larder::cli
