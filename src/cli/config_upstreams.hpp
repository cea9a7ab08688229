// SPDX-License-Identifier: Apache-2.0
// The [[upstream]] tables of larder.toml, and the words for what is wrong in that file. No message repeats a
// value that may be a secret. Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

#include "base/result.hpp"
#include "creds/upstream.hpp"
#include "sys/files.hpp"

namespace larder::cli {

std::string toml_place(std::string_view file, const toml::source_region& region);  // "larder.toml:3:1"
Failure unknown_key(std::string_view file, const toml::node& node, const std::string& key,
                    const std::vector<std::string>& known);

// node: the value of the key `upstream`.
Result<std::vector<creds::Upstream>> parse_upstreams(std::string_view file, const toml::node& node,
                                                     const sys::Path& folder);

}  // namespace larder::cli
