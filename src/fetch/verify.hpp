// SPDX-License-Identifier: Apache-2.0
// May these bytes be believed? go.sum decides where it has a line; else the checksum database; else, only for
// modules that the user exempted, nobody. The answer always says which of these it was.
//
// Invariant: there is no way to a success that does not name its reason. Errors are Kind::unverified with the
// go command's text. Thread rule: from set_sums() on a Verifier is immutable; share it then. Spec:
// go-modules.md 6.8, section 8.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "fetch/settings.hpp"
#include "gomod/gosum.hpp"
#include "gomod/h1.hpp"
#include "gomod/module.hpp"

namespace larder::fetch {

using Of = gomod::GoSum::Of;

enum class Proof {
  go_sum,             // a line of go.sum or go.work.sum
  checksum_database,  // an Authority said so
  sumdb_off,          // GOSUMDB=off: nothing was compared
  exempt,             // matches GONOSUMDB or GOPRIVATE: nothing was compared
  local_toolchain,    // either, and a toolchain from a single file:// GOPROXY: nothing was compared
  held,               // already in the store, verified when it came in; no go.sum line contradicts it
};
std::string_view proof_name(Proof proof);  // "go.sum", "checksum database", "GOSUMDB=off", …

// Why nothing has to be compared for a module that no go.sum has; nullopt: something has. Toolchains are
// never exempt, but where the one GOPROXY is a file:// URL.
std::optional<Proof> exemption(const Settings& settings, const gomod::Module& module);

// Somebody who knows hashes of modules that no go.sum has: the checksum database.
class Authority {
 public:
  virtual ~Authority() = default;
  // Success: the hash is the one it knows. Kind::unverified with the full text otherwise; unavailable where
  // it cannot be asked.
  virtual Result<void> confirm(const gomod::Module& module, Of of, const gomod::H1& hash,
                               std::stop_token stop) const = 0;
};

class Verifier {
 public:
  struct Sums {
    const gomod::GoSum* sums;  // outlives the Verifier
    std::string name;          // as errors say it: "go.sum", "go.work.sum", "/home/u/n/go.sum"
  };
  struct Options {
    std::vector<Sums> sums;  // the first one's word is enough; otherwise all others have to agree
    Settings settings;       // gosumdb, gonosumdb, goprivate, goproxy
    const Authority* database = nullptr;  // outlives the Verifier; nullptr: there is none
  };

  explicit Verifier(Options options) : options_(std::move(options)) {}

  // Before anything is verified that the files may know.
  void set_sums(std::vector<Sums> sums) { options_.sums = std::move(sums); }

  Result<Proof> verify(const gomod::Module& module, Of of, const gomod::H1& hash,
                       std::stop_token stop = {}) const;

  // Only: does any go.sum contradict it? For content that was verified before. Proof::go_sum or Proof::held.
  Result<Proof> recheck(const gomod::Module& module, Of of, const gomod::H1& hash) const;

 private:
  Options options_;
};

}  // namespace larder::fetch
