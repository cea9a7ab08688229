// SPDX-License-Identifier: Apache-2.0
// What a writer left that was cut off, by kill -9 or a disk that turned read-only: "<object><digits>.tmp" in
// the folder of one database. Thread rule: the caller holds the lock of the database's writers.
#pragma once

#include <string_view>

#include "store/store.hpp"

namespace larder::sumstore {

// Best effort: what cannot be removed stays. So does what could be the lookup of a version of such a name.
void remove_unfinished(store::Store& store, std::string_view name);

}  // namespace larder::sumstore
