// SPDX-License-Identifier: Apache-2.0
// What the client of a checksum database needs of the world. Thread rule: implementations may be called from
// any number of threads at once. Spec: go-modules.md 6.5, 6.7.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace larder::sumdb {

// The server, or a mirror of it. Nothing it says is believed.
class Transport {
 public:
  virtual ~Transport() = default;
  // One answer a path, in the same order, fetched side by side. Paths are "/lookup/ESCAPED@ESCAPED" and
  // "/tile/…". limit: bytes of one answer.
  virtual std::vector<Result<std::string>> read(const std::vector<std::string>& paths, std::uint64_t limit,
                                                std::stop_token stop) = 0;
};

// What is remembered of one database between runs, shared with other processes.
class State {
 public:
  virtual ~State() = default;
  // The newest signed tree note; empty before the first.
  virtual Result<std::string> latest() = 0;
  // In one step: `next` in place of `seen`, or of nothing. false: somebody else wrote another one meanwhile.
  virtual Result<bool> replace_latest(std::string_view seen, std::string_view next) = 0;
  // "lookup/…", "tile/…"; whatever is there, damaged or not.
  virtual std::optional<std::string> cached(const std::string& file) = 0;
  // Best effort.
  virtual void cache(const std::string& file, std::string_view data) = 0;
};

}  // namespace larder::sumdb
