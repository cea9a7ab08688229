// SPDX-License-Identifier: Apache-2.0
// What the checksum databases that a store carries say of a module version: a record that is proven decides
// over what lies beside it, a `.zip` together with its `.ziphash` too. Opens no socket.
// Thread rule: any number of threads at once. Spec: go-modules.md 6.5. Decision: docs/decisions/0032.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "gomod/h1.hpp"
#include "gomod/module.hpp"
#include "store/go_modules.hpp"
#include "sumdb/note.hpp"
#include "sumstore/carried.hpp"

namespace larder::app {

class CarriedTruth {
 public:
  using KeyOf = std::function<std::optional<sumdb::VerifierKey>(const std::string& name)>;
  using Exempt = std::function<bool(const gomod::Module& module)>;

  // Databases without a key are not asked, nor is any about modules that are exempt. What cannot be read is
  // not asked either: the audit tells that as well.
  CarriedTruth(store::Store& store, const KeyOf& key_of, Exempt exempt = nullptr);

  // Kind::unverified, with go's words, where a proven record says otherwise. A record that is not there, or
  // cannot be proven, says nothing here: sumstore/audit.hpp tells it.
  Result<void> check(const gomod::Module& module, const gomod::H1& mod, const std::optional<gomod::H1>& zip,
                     const std::stop_token& stop) const;
  // Of what the store says that it holds.
  Result<void> check(const store::GoModules& modules, const gomod::Module& module, store::Held held,
                     const std::stop_token& stop) const;

 private:
  std::vector<std::unique_ptr<sumstore::Carried>> databases_;
  Exempt exempt_;
};

// Of one record. An archive that the record does not tell of is an error only where it `must_have_zip`.
Result<void> compare_held(const store::GoModules& modules, const gomod::Module& module, bool must_have_zip,
                          std::string_view database, std::string_view record);

}  // namespace larder::app
