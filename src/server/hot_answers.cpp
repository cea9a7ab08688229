// SPDX-License-Identifier: Apache-2.0
#include "server/hot_answers.hpp"

#include <algorithm>
#include <utility>

namespace larder::server {

std::shared_ptr<const HotAnswer> HotAnswers::find(std::string_view target, Clock::time_point now) {
  auto answers = answers_.lock();
  const auto found = answers->find(target);
  if (found == answers->end()) return nullptr;
  found->second->used = now.time_since_epoch().count();
  return found->second;
}

void HotAnswers::put(std::string_view target, std::shared_ptr<const HotAnswer> answer) {
  if (limit_ == 0) return;
  auto answers = answers_.lock();
  if (const auto found = answers->find(target); found != answers->end()) {
    found->second = std::move(answer);
    return;
  }
  if (answers->size() >= limit_) {
    const auto older = [](const auto& a, const auto& b) { return a.second->used < b.second->used; };
    answers->erase(std::min_element(answers->begin(), answers->end(), older));
  }
  answers->emplace(target, std::move(answer));
}

void HotAnswers::drop(std::string_view target) {
  auto answers = answers_.lock();
  if (const auto found = answers->find(target); found != answers->end()) answers->erase(found);
}

void HotAnswers::drop_unused_since(Clock::time_point time) {
  const auto limit = time.time_since_epoch().count();
  std::erase_if(*answers_.lock(), [&](const auto& entry) { return entry.second->used < limit; });
}

std::size_t HotAnswers::count() {
  return answers_.lock()->size();
}

}  // namespace larder::server
