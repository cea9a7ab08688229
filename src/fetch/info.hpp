// SPDX-License-Identifier: Apache-2.0
// What sources answer about a version; the words and the parser are gomod's. Thread rule: values.
#pragma once

#include "gomod/info.hpp"

namespace larder::fetch {

using gomod::cached_info;
using gomod::Info;
using gomod::k_max_info;
using gomod::normal_time;
using gomod::Origin;
using gomod::parse_info;
using gomod::print_info;

}  // namespace larder::fetch
