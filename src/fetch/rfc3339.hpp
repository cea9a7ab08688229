// SPDX-License-Identifier: Apache-2.0
// Times in what sources answer; see gomod. Thread rule: values.
#pragma once

#include "gomod/rfc3339.hpp"

namespace larder::fetch {

using gomod::Instant;

}  // namespace larder::fetch
