// SPDX-License-Identifier: Apache-2.0
// .netrc: who to be at which host. Complete entries only, the first of a machine wins, "default" is not used.
// Thread rule: a value; share it read-only. Spec: go-modules.md 5.8.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace larder::creds {

inline constexpr std::size_t k_max_netrc = 1U << 20U;  // bytes

class Netrc {
 public:
  struct Entry {
    std::string machine;
    std::string login;
    std::string password;
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  Netrc() = default;
  // Never fails: what makes no sense is passed over.
  static Netrc parse(std::string_view text);

  // host as it stands in the URL, with a port that is written there; nullptr where there is none.
  const Entry* find(std::string_view host) const;
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

// An empty path or a missing file: no entries.
Result<Netrc> read_netrc(const std::filesystem::path& path);

}  // namespace larder::creds
