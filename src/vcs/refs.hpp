// SPDX-License-Identifier: Apache-2.0
// What `git ls-remote` says: HEAD, branches and tags with their commits, and the sums over them by which a
// later run sees that nothing moved. Thread rule: pure functions and values. Spec: go-modules.md 1.3, 1.4.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "vcs/revision.hpp"

namespace larder::vcs {

inline constexpr std::string_view k_tags = "refs/tags/";

// "refs/tags/v1.0.0" -> commit; an annotated tag stands for the commit it names.
using Refs = std::map<std::string, std::string, std::less<>>;

// Lines that make no sense, other refs (pull requests) and malformed hashes are left out.
Refs parse_refs(std::string_view ls_remote);

// Tags that begin with prefix, with their sum ("t1:…") over those of them that look like versions.
Tags tags_with_prefix(const Refs& refs, std::string_view url, std::string_view prefix);
std::string repo_sum(const Refs& refs);  // "r1:…"

// Is an origin that was written down earlier about this folder of this repository, and does it name something
// that can be looked at again?
Result<void> check_origin(const Origin& old, std::string_view url, std::string_view subdir);
// Does what such an origin names stand as it stood: the ref at its commit, the tags, all refs? A commit alone
// is taken to be there still.
Result<void> still_holds(const Origin& old, const Refs& refs);

// Lower-case hex digits only, at least one.
bool all_hex(std::string_view text);

// A commit that a query of hex digits means: the full hash or a prefix of the hash of a ref.
struct Named {
  std::string ref;   // empty: only the hash is known
  std::string hash;  // empty: no ref has it
};
// Kind::invalid, "ambiguous revision X", where two commits begin so.
Result<Named> find_commit(const Refs& refs, std::string_view prefix);

}  // namespace larder::vcs
