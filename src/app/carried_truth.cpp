// SPDX-License-Identifier: Apache-2.0
#include "app/carried_truth.hpp"

#include <utility>

#include "fetch/checksum_database.hpp"
#include "fetch/verify.hpp"
#include "sumdb/record.hpp"
#include "sumstore/layout.hpp"

namespace larder::app {

namespace {

using fetch::Of;

bool tells_of_zip(std::string_view record, const gomod::Module& module) {
  return !sumdb::record_hashes(record, module.path, module.version).empty();
}

}  // namespace

Result<void> compare_held(const store::GoModules& modules, const gomod::Module& module, bool must_have_zip,
                          std::string_view database, std::string_view record) {
  const auto same = [&](Of of, const gomod::H1& hash) {
    return fetch::compare_with_record(record, database, module, of, hash);
  };
  TRY(same(Of::go_mod, gomod::hash_go_mod(TRY(modules.mod(module)))));
  // What is held goes wherever the version goes, wanted or not.
  const bool has_zip =
      must_have_zip || (tells_of_zip(record, module) && TRY(modules.held(module)) == store::Held::whole);
  if (has_zip) {
    TRY(same(Of::zip, TRY(modules.ziphash(module))));
  }
  return {};
}

CarriedTruth::CarriedTruth(store::Store& store, const KeyOf& key_of, Exempt exempt)
    : exempt_(std::move(exempt)) {
  const auto names = sumstore::databases(store);
  if (!names || !key_of) return;
  for (const auto& name : *names) {
    if (const auto key = key_of(name)) databases_.push_back(std::make_unique<sumstore::Carried>(store, *key));
  }
}

Result<void> CarriedTruth::check(const gomod::Module& module, const gomod::H1& mod,
                                 const std::optional<gomod::H1>& zip, const std::stop_token& stop) const {
  if (exempt_ && exempt_(module)) return {};
  for (const auto& database : databases_) {
    const auto found = database->find(module, stop);
    if (!found) continue;
    const auto same = [&](Of of, const gomod::H1& hash) {
      return fetch::compare_with_record(found->record, database->name(), module, of, hash);
    };
    if (zip && tells_of_zip(found->record, module)) TRY(same(Of::zip, *zip));
    TRY(same(Of::go_mod, mod));
  }
  return {};
}

Result<void> CarriedTruth::check(const store::GoModules& modules, const gomod::Module& module,
                                 store::Held held, const std::stop_token& stop) const {
  if (databases_.empty() || held == store::Held::nothing) return {};
  const auto mod = gomod::hash_go_mod(TRY(modules.mod(module)));
  std::optional<gomod::H1> zip;
  if (held == store::Held::whole) zip = TRY(modules.ziphash(module));
  return check(module, mod, zip, stop);
}

}  // namespace larder::app
