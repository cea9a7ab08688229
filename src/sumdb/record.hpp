// SPDX-License-Identifier: Apache-2.0
// The texts of the checksum database: tree heads, and what a lookup answers.
// Invariant: hashes are taken from the text of a record and nothing around it; a lookup's tree note may carry
// lines that look like go.sum's. Thread rule: pure functions. Spec: go-modules.md 6.2, 6.5.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "gomod/module.hpp"
#include "sumdb/merkle.hpp"

namespace larder::sumdb {

inline constexpr std::size_t k_max_tree_text = 1'000'000;  // bytes

// Three lines; more are ignored. Kind::invalid: "malformed tree note".
Result<TreeHead> parse_tree_head(std::string_view text);
std::string tree_head_text(const TreeHead& tree);

struct Lookup {
  std::uint64_t id = 0;        // number of the leaf
  std::string_view record;     // its text, unproven; ends in a newline
  std::string_view tree_note;  // all that follows
};
// Views into the answer. Kind::invalid: "malformed record data".
Result<Lookup> parse_lookup(std::string_view answer);
// The records of a data tile, views into it: exactly `count`, each followed by an empty line. Kind::invalid:
// "malformed data tile".
Result<std::vector<std::string_view>> parse_data_tile(std::string_view text, std::size_t count);
// What a data tile and a lookup hold of a record: UTF-8 lines, none empty, without control characters.
bool valid_record(std::string_view text);

// What the record says of "PATH VERSION", such as "h1:…"; the version may end in "/go.mod".
std::vector<std::string_view> record_hashes(std::string_view record, std::string_view path,
                                            std::string_view version);
// The version that its first line tells of; nullopt where that is no line of a go.sum.
std::optional<gomod::Module> module_of_record(std::string_view record);
// Does it tell of this version at all?
bool is_record_of(std::string_view record, const gomod::Module& module);
// "lookup/ESCAPED@ESCAPED". Kind::invalid where the module's path or version is malformed.
Result<std::string> lookup_file(const gomod::Module& module);

}  // namespace larder::sumdb
