// SPDX-License-Identifier: Apache-2.0
// One module version from a source into a store, verified before it becomes visible.
//
// Invariants: bytes that fail a check leave nothing in the store; what is held and sound costs no request;
// two calls for one version, also in two processes, fetch it once. A zip goes straight to the store's temp
// file, memory is bounded by the largest file in it. Thread rule: call from as many threads as you like.
// Spec: go-modules.md 4.7, 5.2, 6.8; product.md, "The store".
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "base/result.hpp"
#include "fetch/source.hpp"
#include "fetch/verify.hpp"
#include "gomod/h1.hpp"
#include "gomod/module.hpp"
#include "store/go_modules.hpp"

namespace larder::fetch {

struct Downloaded {
  gomod::Module module;
  gomod::H1 mod_hash;
  std::optional<gomod::H1> zip_hash;  // none for a requirement
  Proof mod_proof = Proof::held;
  std::optional<Proof> zip_proof;  // none for a requirement
  bool already_held = false;       // nothing was fetched
  bool repaired = false;           // it was held, but damaged
  std::uint64_t bytes = 0;         // fetched: .info, .mod and .zip together
};

// How well what is held is looked at before it counts as held.
enum class Look {
  quick,  // small files only: .info, .ziphash, and .mod where something cheap vouches for it
  whole,  // every byte (store/truth.hpp)
};

// .info, .mod, .zip, .ziphash. What is held but damaged is fetched anew. Errors: as ModuleSource;
// Kind::unverified where a hash does not match, nothing vouches for it, or the zip is no zip of this module.
Result<Downloaded> stock_module(const ModuleSource& source, const Verifier& verifier,
                                const store::GoModules& modules, const gomod::Module& module,
                                std::stop_token stop, Look look = Look::quick);

// Only the .mod, for the requirement graph. Content of a held version is as good.
Result<Downloaded> stock_requirement(const ModuleSource& source, const Verifier& verifier,
                                     const store::GoModules& modules, const gomod::Module& module,
                                     std::stop_token stop, Look look = Look::quick);

}  // namespace larder::fetch
