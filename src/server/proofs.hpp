// SPDX-License-Identifier: Apache-2.0
// Which objects of the store were read and found to be what their hashes say, for as long as the server
// lives. An object is known by what the file system says of it (store::ObjectInfo): whatever is written or
// replaced is another one, and unproven. What was found damaged is remembered for a short time only, since it
// may be the neighbour it is compared with that gets mended.
//
// Bounded: k_most objects of about 150 bytes; beyond, others are forgotten and proven again when asked for.
// Thread rule: all functions from any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>

#include "base/result.hpp"
#include "server/connections.hpp"
#include "store/store.hpp"
#include "sys/parallel.hpp"

namespace larder::server {

class Proofs {
 public:
  static constexpr std::size_t k_most = 50'000;
  static constexpr std::chrono::seconds k_bad_time{5};

  explicit Proofs(std::size_t most = k_most) : most_(most) {}

  struct Verdict {
    std::optional<Error> error;  // none: the object is good
  };
  // nullopt: not known.
  std::optional<Verdict> find(const store::ObjectInfo& object, Clock::time_point now);
  void put(const store::ObjectInfo& object, Verdict verdict, Clock::time_point now);
  std::size_t count();

 private:
  struct Key {
    std::uint64_t device = 0;
    std::uint64_t identity = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const noexcept {
      return std::hash<std::uint64_t>()(key.identity ^ key.device << 32U);
    }
  };
  struct Known {
    store::ObjectInfo object;
    Verdict verdict;
    Clock::time_point at;
  };

  const std::size_t most_;
  sys::Sync<std::unordered_map<Key, Known, Hash>> known_;
};

}  // namespace larder::server
