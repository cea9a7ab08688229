// SPDX-License-Identifier: Apache-2.0
// A site's own checksum database: a log in a store, signed with the site's key, that vouches for private
// modules as the public one does for public ones. It has the shape of a carried one, so that serving,
// checking and packing know no difference.
//
// Invariants: the log only grows, and before it grows what is there is proven to be what was signed; a
// version that has a record never gets another hash. Objects are written in the order tiles (of hashes, and
// of records as go's own server has them), head, lookups, "supported"; a run that was cut off anywhere is
// completed by the next. Thread rule: any thread; writers exclude each other. Memory: the records. Spec:
// go-modules.md 6.1 to 6.4.
#pragma once

#include <cstdint>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "gomod/module.hpp"
#include "store/store.hpp"
#include "sumdb/merkle.hpp"
#include "sumdb/note.hpp"

namespace larder::sumstore {

// "PRIVATE+KEY+NAME+HASH+BASE64", as go's own tools write it.
class SignerKey {
 public:
  // seed: 32 bytes. Kind::invalid: "malformed signer id".
  static Result<SignerKey> make(std::string_view name, std::string_view seed);
  static Result<SignerKey> parse(std::string_view text);

  std::string str() const;  // secret; parse() reads it
  const sumdb::VerifierKey& verifier() const { return verifier_; }
  Result<std::string> sign(std::string_view text) const;

 private:
  SignerKey(sumdb::VerifierKey verifier, std::string seed)
      : verifier_(std::move(verifier)), seed_(std::move(seed)) {}
  sumdb::VerifierKey verifier_;
  std::string seed_;
};

struct Grown {
  std::uint64_t added = 0;
  std::uint64_t present = 0;  // had this record before
  sumdb::TreeHead head;
};
// records: go.sum lines of each, its "/go.mod" line or both. Kind::unverified, naming all, where a version
// has a record with another hash, or the log in the store is not the signed one: nothing is written then.
Result<Grown> grow(store::Store& store, const SignerKey& key,
                   const std::map<gomod::Module, std::string>& records, const std::stop_token& stop);

}  // namespace larder::sumstore
