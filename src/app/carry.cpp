// SPDX-License-Identifier: Apache-2.0
#include "app/carry.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "app/stock.hpp"
#include "fetch/gosumdb.hpp"
#include "sumdb/record.hpp"
#include "sumstore/audit.hpp"
#include "sumstore/keep.hpp"

namespace larder::app {

namespace {

constexpr std::size_t k_questions = 32;  // at once; an answer has 2 MB at most

bool cannot_be_asked(const Error& error) {
  return error.kind() == Kind::unavailable || error.kind() == Kind::forbidden;
}

}  // namespace

Carrier::Carrier(store::Store& store, const fetch::ChecksumDatabase& database, fetch::Settings settings)
    : store_(store), client_(database.client()), settings_(std::move(settings)) {
  if (settings_.gosumdb == "off" || client_ == nullptr) return;
  if (const auto parsed = fetch::parse_gosumdb(settings_.gosumdb)) carried_.emplace(store_, parsed->key);
}

void Carrier::expect(const std::vector<gomod::Module>& modules) {
  if (!carried_) return;
  is_present_ = carried_->present().value_or(true);
  auto questions = questions_.lock();
  for (const auto& module : modules) {
    if (!vouched_without_sum(settings_, module) && !answers_.lock()->contains(module))
      questions->push_back(module);
  }
}

std::vector<gomod::Module> Carrier::next_questions() {
  auto questions = questions_.lock();
  const auto end = questions->begin() + static_cast<std::ptrdiff_t>(std::min(questions->size(), k_questions));
  std::vector<gomod::Module> out(questions->begin(), end);
  questions->erase(questions->begin(), end);
  return out;
}

void Carrier::ask(const std::stop_token& stop) {
  while (!stop.stop_requested() && ask_some(stop)) {
  }
}

bool Carrier::ask_some(const std::stop_token& stop) {
  auto modules = next_questions();
  if (modules.empty()) return false;
  answer(std::move(modules), stop);
  return true;
}

// From the store, else from the database.
void Carrier::answer(std::vector<gomod::Module> modules, const std::stop_token& stop) {
  const auto is_there = [&](const gomod::Module& module) {
    const auto found = carried_->find(module, stop);
    if (found) answers_.lock()->emplace(module, Answer{found, false});
    return found.has_value();
  };
  if (is_present_) std::erase_if(modules, is_there);
  if (const auto down = *down_.lock(); down && !client_->forked()) {
    for (const auto& module : modules) answers_.lock()->emplace(module, Answer{fail(*down), false});
    return;
  }
  auto found = client_->find_all(modules, stop);
  for (std::size_t i = 0; i < modules.size(); ++i) {
    if (!found[i] && cannot_be_asked(found[i].error())) {
      if (auto down = down_.lock(); !*down) *down = found[i].error();
    }
    answers_.lock()->emplace(modules[i], Answer{std::move(found[i]), true});
  }
}

void Carrier::holds(const fetch::Downloaded& got) {
  if (!carried_) return;
  auto held = held_.lock();
  auto& hashes = (*held)[got.module];
  hashes.mod = got.mod_hash;
  if (got.zip_hash) hashes.zip = got.zip_hash;
}

Result<void> Carrier::compare(const gomod::Module& module, const Hashes& hashes,
                              const std::string& record) const {
  using fetch::Of;
  if (hashes.zip) {
    TRY(fetch::compare_with_record(record, carried_->name(), module, Of::zip, *hashes.zip));
  }
  if (hashes.mod) {
    TRY(fetch::compare_with_record(record, carried_->name(), module, Of::go_mod, *hashes.mod));
  }
  return {};
}

// All or none: what has no place under one head has no proof.
void Carrier::write_new(CarryReport& report, const std::map<gomod::Module, sumdb::Proven>& records,
                        const std::stop_token& stop) const {
  const auto kept = sumstore::keep(store_, carried_->name(), *client_, records, stop);
  if (kept) {
    report.added = records.size();
    report.carried += records.size();
    return;
  }
  const auto error = Error(kept.error()).with("the carried " + carried_->name());
  if (error.kind() == Kind::unverified || error.kind() == Kind::io) report.failures.push_back(error);
  for (const auto& [module, record] : records) report.left_out.push_back({module, error});
}

// May be asked often and answers fast: all of it is looked at only where something was set aside.
bool Carrier::is_complete(const std::stop_token& stop) {
  const auto& name = carried_->name();
  const auto damaged = sumstore::was_damaged(store_, name);
  if (damaged && !*damaged) return true;
  const auto there = sumstore::shelved(store_, name);
  if (!there) return false;
  std::vector<std::uint64_t> ids;
  for (const auto& lookup : *there) ids.push_back(lookup.id);
  return carried_->client().evidence(ids, sumstore::head_sizes(*there), stop).has_value();
}

CarryReport Carrier::finish(const std::stop_token& stop) {
  CarryReport report;
  if (!carried_) return report;
  report.name = carried_->name();
  std::map<gomod::Module, sumdb::Proven> fresh;
  auto answers = answers_.lock();
  auto held = held_.lock();
  for (const auto& [module, hashes] : *held) {
    const auto found = answers->find(module);
    if (found == answers->end()) continue;
    const auto& [record, is_new] = found->second;
    if (!record) {
      // A database that was caught tells it once at length: nothing else has to.
      if (record.error().kind() == Kind::unverified && report.failures.empty()) {
        report.failures.push_back(record.error());
      }
      report.left_out.push_back({module, record.error()});
    } else if (const auto same = compare(module, hashes, record->record); !same) {
      report.failures.push_back(same.error());
    } else if (is_new) {
      fresh.emplace(module, *record);
    } else {
      ++report.carried;
    }
  }
  if (!fresh.empty() || (report.carried > 0 && !is_complete(stop))) write_new(report, fresh, stop);
  std::ranges::sort(report.left_out,
                    [](const auto& a, const auto& b) { return gomod::module_less(a.module, b.module); });
  return report;
}

}  // namespace larder::app
