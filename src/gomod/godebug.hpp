// SPDX-License-Identifier: Apache-2.0
// Which godebug settings a go.mod or go.work may name.
// Thread rule: pure functions. Spec: go-resolution.md 1.2 (11), 10.
#pragma once

#include <string_view>

#include "base/result.hpp"

namespace larder::gomod {

// local_go: whose settings count, like "1.26.8". Errors as go's: unknown godebug "x", value contains comma, …
Result<void> check_godebug(std::string_view key, std::string_view value, std::string_view local_go);

}  // namespace larder::gomod
