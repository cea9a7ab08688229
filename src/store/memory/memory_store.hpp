// SPDX-License-Identifier: Apache-2.0
// The in-memory twin of the disk store, for tests and for a look at a store that is not there yet: same
// answers, no files.
#pragma once

#include <memory>

#include "store/store.hpp"

namespace larder::store {

std::unique_ptr<Store> make_memory_store();

}  // namespace larder::store
