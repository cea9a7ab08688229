// SPDX-License-Identifier: Apache-2.0
// The newest signed head that a store remembers of a checksum database: its `latest`, or where that is gone
// the newest that stands in a lookup. A store that has something of a database is never taken for one that
// has seen nothing of it: the next head would be believed without being compared.
//
// Thread rule: functions, call them from any thread. Spec: go-modules.md 6.5. Decision: docs/decisions/0032.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "store/store.hpp"
#include "sumdb/merkle.hpp"
#include "sumdb/note.hpp"

namespace larder::sumstore {

// key: nullptr where it is not known; then the text counts as it is. Kind::invalid or unverified.
Result<sumdb::TreeHead> open_head(std::string_view note, const sumdb::VerifierKey* key);

struct Remembered {
  std::string note;  // empty: the store has nothing of this database
  sumdb::TreeHead tree;
  bool is_lost = false;  // `latest` is gone, and this is from a lookup
};

// Kind::unverified, with what to do, where `latest` is damaged, or gone and no lookup tells what it was.
Result<Remembered> remembered_head(store::Store& store, std::string_view name, const sumdb::VerifierKey* key);

// The same without looking at `latest`.
Result<Remembered> head_in_lookups(store::Store& store, std::string_view name, const sumdb::VerifierKey* key);

// The hint where nothing tells what was seen. prefix: prefix_of(name).
std::string how_to_begin_anew(std::string_view prefix);

}  // namespace larder::sumstore
