// SPDX-License-Identifier: Apache-2.0
// Whole answers with an object that were given lately, to be given again without opening the object and
// building the headers anew. Never stale: whoever finds one compares `info` with the store's before use.
// Entries that nobody used for a while are dropped, so that a file removed from the store does not keep its
// room on the disk.
//
// Thread rule: all functions from any thread. What find() returns is shared (its reason for shared_ptr): it
// stays valid when the entry is dropped meanwhile.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "server/connections.hpp"
#include "server/route.hpp"
#include "store/store.hpp"
#include "sys/parallel.hpp"

struct MHD_Response;

namespace larder::server {

struct HotAnswer {
  std::string key;
  store::ObjectInfo info;
  RouteKind kind = RouteKind::unknown;
  bool from_file = false;
  // Open as long as the entry lives, so that its inode number cannot come back as another object's.
  std::unique_ptr<store::Blob> pin;
  std::shared_ptr<MHD_Response> response;
  mutable std::atomic<Clock::rep> used{0};
};

class HotAnswers {
 public:
  explicit HotAnswers(std::size_t limit) : limit_(limit) {}

  // By the target as sent. Null when there is none.
  std::shared_ptr<const HotAnswer> find(std::string_view target, Clock::time_point now);
  // Replaces; drops the one used longest ago when there are too many.
  void put(std::string_view target, std::shared_ptr<const HotAnswer> answer);
  void drop(std::string_view target);
  void drop_unused_since(Clock::time_point time);
  std::size_t count();

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };
  using Map = std::unordered_map<std::string, std::shared_ptr<const HotAnswer>, Hash, std::equal_to<>>;
  const std::size_t limit_;
  sys::Sync<Map> answers_;
};

}  // namespace larder::server
