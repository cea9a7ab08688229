// SPDX-License-Identifier: Apache-2.0
// Thread rule: any thread. Spec: go-modules.md 1.4.
#pragma once

#include <optional>

#include "gomod/info.hpp"
#include "modcache/cache.hpp"

namespace larder::modcache {

// What Cache::info has, understood: lists ask for hundreds, and would parse each twice.
Result<std::optional<gomod::Info>> parsed_info(const Cache& cache, const gomod::Module& module);

}  // namespace larder::modcache
