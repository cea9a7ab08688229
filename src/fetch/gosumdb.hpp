// SPDX-License-Identifier: Apache-2.0
// GOSUMDB: which checksum database is asked, under which key, and where. Forms: "NAME", "KEY", "NAME URL",
// "KEY URL". A bare name is known when one of the keys that Larder carries belongs to it: the keys are kept
// without their names, and a key's hash says whose it is (docs/decisions/0020). "off" is not handled here.
// Thread rule: pure functions. Spec: go-modules.md 6.6.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "sumdb/note.hpp"

namespace larder::fetch {

struct GoSumDb {
  sumdb::VerifierKey key;
  std::string url;  // empty: through GOPROXY, else https://NAME
};

// Kind::invalid with go's words: "missing GOSUMDB", "invalid GOSUMDB: …", "invalid sumdb name (must be
// host[/path]): …".
Result<GoSumDb> parse_gosumdb(std::string_view value);

// The key of the database of this name: GOSUMDB's, or one that Larder carries, whatever GOSUMDB says.
std::optional<sumdb::VerifierKey> database_key(std::string_view gosumdb, std::string_view name);

}  // namespace larder::fetch
