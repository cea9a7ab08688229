// SPDX-License-Identifier: Apache-2.0
#include "sumstore/examiner.hpp"

#include <utility>

#include "sumstore/head.hpp"
#include "sumstore/witness.hpp"

namespace larder::sumstore {

namespace {

constexpr std::size_t k_most_databases = 16;  // known at once

Result<void> allow(const Verdict& verdict) {
  using Is = Verdict::Is;
  if (verdict.is == Is::good || verdict.is == Is::lacking || verdict.is == Is::unproven) return {};
  return fail(Kind::unverified, verdict.why);
}

}  // namespace

struct Examiner::Database {
  std::optional<store::ObjectInfo> latest;  // as it was when the head was read
  std::mutex mutex;
  std::optional<Witness> witness;  // none: no head is left. Under mutex
};

Examiner::Examiner(store::Store& store, KeyOf key_of) : store_(store), key_of_(std::move(key_of)) {}
Examiner::~Examiner() = default;

std::optional<sumdb::VerifierKey> Examiner::key(const std::string& name) const {
  return key_of_ ? key_of_(name) : std::nullopt;
}

Result<std::shared_ptr<Examiner::Database>> Examiner::database(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  const auto now = TRY(store_.stat(prefix_of(name) + "/latest"));
  if (const auto known = databases_.find(name); known != databases_.end() && known->second->latest == now) {
    return known->second;
  }
  auto its_key = key(name);
  const auto* const pointer = its_key ? &*its_key : nullptr;
  auto head = remembered_head(store_, name, pointer);
  if (!head && head.error().kind() == Kind::unverified) head = head_in_lookups(store_, name, pointer);
  if (!head && head.error().kind() != Kind::unverified) return fail(head.error());
  auto out = std::make_shared<Database>();
  out->latest = now;
  if (head && !head->note.empty()) out->witness.emplace(store_, name, std::move(its_key), head->tree);
  if (databases_.size() >= k_most_databases) databases_.clear();
  databases_[name] = out;
  return out;
}

Result<void> Examiner::check_latest(const Request& request) const {
  const auto its_key = key(request.name);
  const auto note = TRY(store::read(store_, request.key, k_max_object));
  const auto head = open_head(note, its_key ? &*its_key : nullptr);
  if (head) return {};
  return fail(Kind::unverified, head.error().message());
}

Result<void> Examiner::check(const Request& request) {
  if (request.object == Object::supported) return {};
  if (request.object == Object::latest) return check_latest(request);
  const auto of = TRY(database(request.name));
  const auto bytes = TRY(store::read(store_, request.key, k_max_object));
  const auto file = std::string_view(request.key).substr(prefix_of(request.name).size() + 1);
  const std::scoped_lock lock(of->mutex);
  if (!of->witness) return {};
  if (request.object == Object::tile) {
    return allow(of->witness->check_tile(TRY(sumdb::parse_tile_path(file)), bytes));
  }
  const auto module = module_of(file);
  if (!module) return fail(Kind::unverified, "is the lookup of no module");
  return allow(of->witness->check_lookup(*module, bytes));
}

}  // namespace larder::sumstore
