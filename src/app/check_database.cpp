// SPDX-License-Identifier: Apache-2.0
#include "app/check_database.hpp"

#include <set>

#include "app/carried_truth.hpp"
#include "app/stock.hpp"
#include "fetch/gosumdb.hpp"
#include "fetch/verify.hpp"
#include "sumstore/carried.hpp"

namespace larder::app {

namespace {

using fetch::Of;

bool in_go_sum(const Project& project, const Want& want) {
  const auto has = [&](Of of) {
    return project.sum.has(want.module, of) || project.work_sum.has(want.module, of);
  };
  return has(Of::go_mod) && (!want.whole || has(Of::zip));
}

// true: proven. false: there is no record of it.
Result<bool> prove(sumstore::Carried& carried, const store::GoModules& modules, const Want& want,
                   const std::stop_token& stop) {
  const auto record = carried.find(want.module, stop);
  if (!record && record.error().kind() == Kind::not_found) return false;
  if (!record) return fail(record.error());
  TRY(compare_held(modules, want.module, want.whole, carried.name(), record->record));
  return true;
}

}  // namespace

DatabaseCheck check_database(const store::GoModules& modules, const Project& project,
                             const CheckReport& report, const fetch::Settings& settings,
                             const std::stop_token& stop) {
  DatabaseCheck out;
  const auto parsed = fetch::parse_gosumdb(settings.gosumdb);
  if (settings.gosumdb == "off" || !parsed) return out;
  sumstore::Carried carried(modules.store(), parsed->key);
  out.name = carried.name();
  out.is_carried = carried.present().value_or(false);
  std::set<gomod::Module> missing;
  for (const auto& want : report.missing) missing.insert(want.module);
  for (const auto& want : report.wants) {
    if (missing.contains(want.module) || vouched_without_sum(settings, want.module)) continue;
    const auto proven = prove(carried, modules, want, stop);
    if (!proven) {
      out.errors.push_back(proven.error());
    } else if (*proven) {
      ++out.proven;
    } else {
      out.without.push_back(want);
      if (!in_go_sum(project, want)) ++out.unvouched;
    }
  }
  return out;
}

}  // namespace larder::app
