// SPDX-License-Identifier: Apache-2.0
#include "server/inspector.hpp"

#include <algorithm>
#include <utility>

#include "app/carried_truth.hpp"
#include "store/truth.hpp"

namespace larder::server {

namespace {
constexpr unsigned k_most_threads = 4;  // for zips; each holds the largest file of one
}

void Inspector::ask(const Object& object, Done done) {
  {
    auto state = state_.lock();
    if (!state->stopped) {
      if (state->threads.empty()) start_threads(*state);
      auto& waiting = state->waiting[object.key];
      waiting.push_back(std::move(done));
      if (waiting.size() == 1) {
        (object.is_large() ? state->large : state->small).push_back(object);
        more_.notify_all();
      }
      return;
    }
  }
  done();
}

void Inspector::start_threads(State& state) {
  const unsigned count = std::clamp(sys::cpu_count(), 2U, k_most_threads);
  state.threads.emplace_back([this](const std::stop_token& stop) { work(stop, Lane::small); });
  for (unsigned i = 0; i < count; ++i) {
    state.threads.emplace_back([this](const std::stop_token& stop) { work(stop, Lane::any); });
  }
}

void Inspector::work(const std::stop_token& stop, Lane lane) {
  while (const auto object = next(stop, lane)) {
    inspect(*object, stop);
    tell(object->key);
  }
}

std::optional<Inspector::Object> Inspector::next(const std::stop_token& stop, Lane lane) {
  auto state = state_.lock();
  const auto queue = [&]() -> std::deque<Object>* {
    if (!state->small.empty()) return &state->small;
    return lane == Lane::any && !state->large.empty() ? &state->large : nullptr;
  };
  more_.wait(state.lock(), stop, [&] { return queue() != nullptr; });
  auto* from = queue();
  if (stop.stop_requested() || from == nullptr) return std::nullopt;
  Object out = std::move(from->front());
  from->pop_front();
  return out;
}

Result<void> Inspector::check(const Object& object, const std::stop_token& stop) {
  if (object.database) return examiner_.check(*object.database);
  const store::GoModules modules(store_);
  TRY(store::check_part(modules, object.module, object.part, stop));
  if (object.part != store::Part::zip) return {};
  return app::CarriedTruth(store_, key_of_).check(modules, object.module, store::Held::whole, stop);
}

// The verdict is about the object that was there before and after: what changes meanwhile is asked for again.
void Inspector::inspect(const Object& object, const std::stop_token& stop) {
  const auto before = store_.stat(object.key);
  if (!before || !*before) return;
  auto checked = check(object, stop);
  if (!checked && checked.error().kind() == Kind::cancelled) return;
  const auto after = store_.stat(object.key);
  if (!after || *after != *before) return;
  Proofs::Verdict verdict;
  if (!checked) verdict.error = std::move(checked).error();
  proofs_.put(**before, std::move(verdict), Clock::now());
}

void Inspector::tell(const std::string& key) {
  std::vector<Done> waiting;
  {
    auto state = state_.lock();
    const auto at = state->waiting.find(key);
    if (at == state->waiting.end()) return;
    waiting = std::move(at->second);
    state->waiting.erase(at);
  }
  for (const Done& done : waiting) done();
}

void Inspector::stop() {
  std::vector<std::jthread> threads;
  {
    auto state = state_.lock();
    state->stopped = true;
    threads = std::move(state->threads);
  }
  for (auto& thread : threads) thread.request_stop();
  threads.clear();  // joins
  std::map<std::string, std::vector<Done>> left;
  std::swap(left, state_.lock()->waiting);
  for (const auto& [key, waiting] : left) {
    for (const Done& done : waiting) done();
  }
}

}  // namespace larder::server
