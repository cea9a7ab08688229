// SPDX-License-Identifier: Apache-2.0
#include "app/held_modules.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "app/stock.hpp"
#include "fetch/checksum_database.hpp"
#include "fetch/gosumdb.hpp"
#include "gomod/check.hpp"
#include "gomod/pseudo.hpp"
#include "gomod/semver.hpp"
#include "modcache/parsed_info.hpp"
#include "store/truth.hpp"

namespace larder::app {

namespace {

namespace semver = gomod::semver;

constexpr std::size_t k_least_commit = 7;  // hex digits of a commit that are worth comparing

// Higher is better: releases, then pre-releases, then pseudo-versions.
int rank(std::string_view version) {
  if (gomod::pseudo::is_pseudo(version)) return 0;
  return semver::prerelease(version).empty() ? 2 : 1;
}

std::string verifying(const gomod::Module& module, fetch::Of of) {
  return "verifying " + module.str() + (of == fetch::Of::zip ? "" : "/go.mod");
}

// Nothing leaves the store that is not what it has to be.
Result<void> check_sound(const store::GoModules& store, const gomod::Module& module, store::Part part) {
  auto checked = store::check_part(store, module, part);
  if (checked || checked.error().kind() != Kind::unverified) return checked;
  return fail(std::move(checked).error().with(module.str()).with_hint(std::string(store::k_how_to_mend)));
}

}  // namespace

Result<std::vector<std::string>> HeldModules::held(std::string_view path) const {
  auto out = TRY(store_.versions(path));
  for (auto& version : TRY(cache_.versions(path))) {
    const gomod::Module module{std::string(path), version};
    if (!gomod::check_canonical(module) || !TRY(cache_.info(module)) || !TRY(cache_.has_zip(module)))
      continue;
    out.push_back(std::move(version));
  }
  std::ranges::sort(out, semver::less);
  out.erase(std::ranges::unique(out).begin(), out.end());
  return out;
}

Error HeldModules::want(const gomod::Module& module, bool whole) const {
  auto wants = wants_.lock();
  auto& entry = wants->try_emplace(module, whole).first->second;
  entry = entry || whole;
  return {Kind::not_found, module.str() + ": not held in the store, nor in the module cache"};
}

void HeldModules::want_unless_held(const gomod::Module& module, bool whole) const {
  const auto held = store_.held(module);
  const bool stored = held && (*held == store::Held::whole || (*held == store::Held::requirement && !whole));
  const auto cached = whole ? cache_.has_zip(module)
                            : cache_.mod(module).map([](const auto& mod) { return mod.has_value(); });
  if (!stored && !cached.value_or(false)) static_cast<void>(want(module, whole));
}

void HeldModules::want_query(const std::string& path, const std::string& query) const {
  static_cast<void>(want({path, query}, true));
}

// What is damaged has to be brought in again.
Result<void> HeldModules::sound(const gomod::Module& module, store::Part part) const {
  auto checked = check_sound(store_, module, part);
  if (!checked && checked.error().kind() == Kind::unverified)
    static_cast<void>(want(module, TRY(store_.held(module)) == store::Held::whole));
  return checked;
}

std::vector<Want> HeldModules::wants() const {
  std::vector<Want> out;
  auto wants = wants_.lock();
  for (const auto& [module, whole] : *wants)
    out.push_back({.module = module, .whole = whole, .needed_by = {}});
  return out;
}

Result<fetch::Info> HeldModules::info_of(const gomod::Module& module) const {
  if (TRY(store_.held(module)) == store::Held::whole) {
    TRY(sound(module, store::Part::info));
    return fetch::parse_info(TRY(store_.info(module)));
  }
  if (auto cached = TRY(modcache::parsed_info(cache_, module))) return *std::move(cached);
  return fail(want(module, true));
}

Result<std::vector<std::string>> HeldModules::list(std::string_view path, std::stop_token) const {
  auto out = TRY(held(path));
  std::erase_if(out, [](const auto& version) { return gomod::pseudo::is_pseudo(version); });
  return out;
}

Result<fetch::Info> HeldModules::latest(std::string_view path, std::stop_token) const {
  const auto versions = TRY(held(path));
  const auto best = std::ranges::max_element(versions, {}, [](const auto& version) { return rank(version); });
  if (best == versions.end()) {
    return fail(Kind::not_found,
                "module " + std::string(path) + ": not held in the store, nor in the module cache");
  }
  // Sorted by version: the last one of that rank.
  const auto is_best = [&](const auto& version) { return rank(version) == rank(*best); };
  const auto last = std::find_if(versions.rbegin(), versions.rend(), is_best);
  return info_of({std::string(path), *last});
}

Result<fetch::Info> HeldModules::info(std::string_view path, std::string_view query, std::stop_token) const {
  gomod::Module module{std::string(path), std::string(query)};
  if (gomod::check_canonical(module)) return info_of(module);
  if (query.size() >= k_least_commit) {
    for (auto& version : TRY(held(path))) {
      const auto revision = gomod::pseudo::rev(version);
      if (revision && (revision->starts_with(query) || query.starts_with(*revision)))
        return info_of({module.path, std::move(version)});
    }
  }
  return fail(want(module, true));
}

Result<std::string> HeldModules::mod(const gomod::Module& module, std::stop_token) const {
  if (TRY(store_.held(module)) == store::Held::nothing) return fail(want(module, false));
  TRY(sound(module, store::Part::mod));
  return store_.mod(module);
}

Result<void> HeldModules::zip(const gomod::Module& module, fetch::ByteSink& sink, std::stop_token) const {
  const auto blob = TRY(open_zip(module));
  return sink.write(TRY(blob->bytes()));
}

Result<std::unique_ptr<store::Blob>> HeldModules::open_zip(const gomod::Module& module) const {
  if (TRY(store_.held(module)) != store::Held::whole) return fail(want(module, true));
  return store_.zip(module);
}

HeldAuthority::HeldAuthority(const store::GoModules& store, fetch::Settings settings, const HeldModules* held)
    : store_(store), settings_(std::move(settings)), held_(held) {
  const auto database = fetch::parse_gosumdb(settings_.gosumdb);
  if (settings_.gosumdb == "off" || !database) return;
  carried_ = std::make_unique<sumstore::Carried>(store_.store(), database->key);
}

// As online: what the database has no record of is vouched for by nobody. That it is in the store is no
// proof; whoever put it there need not have asked.
Result<void> HeldAuthority::ask_database(const gomod::Module& module, fetch::Of of, const gomod::H1& hash,
                                         std::stop_token stop) const {
  if (!carried_ || vouched_without_sum(settings_, module)) return {};
  const auto record = carried_->find(module, std::move(stop));
  if (record) return fetch::compare_with_record(record->record, carried_->name(), module, of, hash);
  if (record.error().kind() != Kind::not_found) return fail(record.error());
  if (held_ != nullptr) static_cast<void>(held_->want(module, of == fetch::Of::zip));
  return fail(
      Kind::unverified,
      fmt::format("{}: neither go.sum nor the carried {} has it", verifying(module, of), carried_->name()),
      "`larder stock` it outside with the checksum database on, and pack the whole store; for private "
      "modules set GOPRIVATE or GONOSUMDB");
}

Result<void> HeldAuthority::confirm(const gomod::Module& module, fetch::Of of, const gomod::H1& hash,
                                    std::stop_token stop) const {
  TRY(ask_database(module, of, hash, std::move(stop)));
  const auto held = TRY(store_.held(module));
  std::optional<gomod::H1> known;
  if (of == fetch::Of::zip && held == store::Held::whole) known = TRY(store_.ziphash(module));
  if (of == fetch::Of::go_mod && held != store::Held::nothing) {
    TRY(check_sound(store_, module, store::Part::mod));
    known = gomod::hash_go_mod(TRY(store_.mod(module)));
  }
  if (known && known->str() == hash.str()) return {};
  if (!known && held_ != nullptr) static_cast<void>(held_->want(module, of == fetch::Of::zip));
  return fail(Kind::unverified,
              verifying(module, of) + (known ? ": it is not what the store holds"
                                             : ": neither go.sum nor the store says what it must be"));
}

}  // namespace larder::app
