// SPDX-License-Identifier: Apache-2.0
// Answers that are asked for once: who asks for the same at the same time waits for the first. Failures are
// answers too. Thread rule: any number of threads; `ask` must not ask for its own key.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "sys/parallel.hpp"

namespace larder::sys {

template <class Key, class Answer>
class Kept {
 public:
  // ask: () -> Answer. The reference stays good as long as this does.
  template <class Ask>
  const Answer& get(const Key& key, const Ask& ask) {
    Entry* entry = nullptr;
    {
      auto entries = entries_.lock();
      auto& held = (*entries)[key];
      if (!held) held = std::make_unique<Entry>();
      entry = held.get();
    }
    const std::lock_guard lock(entry->asking);
    if (!entry->answer) entry->answer.emplace(ask());
    return *entry->answer;
  }

 private:
  struct Entry {
    std::mutex asking;
    std::optional<Answer> answer;
  };
  Sync<std::map<Key, std::unique_ptr<Entry>>> entries_;
};

}  // namespace larder::sys
