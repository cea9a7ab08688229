// SPDX-License-Identifier: Apache-2.0
#include "fetch/gosumdb.hpp"

#include <array>

#include "base/text.hpp"
#include "sumstore/layout.hpp"

namespace larder::fetch {

namespace {

// The public database of the Go project. Its name stands in the user's go settings; see the decision.
constexpr std::array<std::string_view, 1> k_known_keys = {
    "033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
};

Result<sumdb::VerifierKey> key_of(std::string_view word) {
  for (const auto known : k_known_keys) {
    auto key = sumdb::VerifierKey::parse(std::string(word) + "+" + std::string(known));
    if (key) return key;
  }
  auto key = sumdb::VerifierKey::parse(word);
  if (key) return key;
  const bool is_name = word.find('+') == word.npos;
  return fail(Kind::invalid, "invalid GOSUMDB: " + key.error().message(),
              is_name ? "a database that Larder does not know by name is given with its key, NAME+HASH+KEY; "
                        "a mirror as \"NAME URL\""
                      : "");
}

}  // namespace

Result<GoSumDb> parse_gosumdb(std::string_view value) {
  const auto words = fields(value);
  if (words.empty()) {
    return fail(Kind::invalid, "missing GOSUMDB",
                "name the checksum database in GOSUMDB (`go env GOSUMDB` says what go uses)");
  }
  if (words.size() > 2) return fail(Kind::invalid, "invalid GOSUMDB: too many fields");
  auto key = TRY(key_of(words[0]));
  if (!sumstore::valid_name(key.name())) {
    return fail(Kind::invalid, "invalid sumdb name (must be host[/path]): " + key.name());
  }
  return GoSumDb{std::move(key), words.size() == 2 ? std::string(words[1]) : ""};
}

std::optional<sumdb::VerifierKey> database_key(std::string_view gosumdb, std::string_view name) {
  for (const auto word : {gosumdb, name}) {
    auto parsed = parse_gosumdb(word);
    if (parsed && parsed->key.name() == name) return std::move(parsed->key);
  }
  return std::nullopt;
}

}  // namespace larder::fetch
