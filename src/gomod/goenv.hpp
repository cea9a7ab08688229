// SPDX-License-Identifier: Apache-2.0
// The file that `go env -w` writes (and $GOROOT/go.env), and the flag list in GOFLAGS.
// Thread rule: pure functions. Spec: go-modules.md 9.1.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace larder::gomod {

// KEY=VALUE lines that begin with A-Z; other lines are ignored, the last duplicate wins, values are verbatim.
std::map<std::string, std::string> parse_go_env(std::string_view text);

struct GoFlag {
  std::string name;                  // without dashes
  std::optional<std::string> value;  // nullopt: "-x" without '='

  friend bool operator==(const GoFlag&, const GoFlag&) = default;
};
// Splits at white space. Error: parsing $GOFLAGS: non-flag "x"
Result<std::vector<GoFlag>> parse_goflags(std::string_view goflags);
// As go does before any command: error `parsing $GOFLAGS: unknown flag -x` where no go command has the flag.
Result<void> check_goflags(const std::vector<GoFlag>& flags);

}  // namespace larder::gomod
