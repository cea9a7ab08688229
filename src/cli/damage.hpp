// SPDX-License-Identifier: Apache-2.0
// How many of several errors say that content is not what it was, and how many that it could not be looked
// at. Thread rule: free functions.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/result.hpp"

namespace larder::cli {

inline std::size_t count_damaged(const std::vector<Error>& errors) {
  const auto is_damage = [](const Error& e) {
    return e.kind() == Kind::unverified || e.kind() == Kind::invalid;
  };
  return static_cast<std::size_t>(std::count_if(errors.begin(), errors.end(), is_damage));
}

// "1 damaged", "0 damaged, 2 not checked".
inline std::string describe_damage(const std::vector<Error>& errors) {
  const auto damaged = count_damaged(errors);
  const auto unread = errors.size() - damaged;
  return fmt::format("{} damaged{}", damaged, unread == 0 ? "" : fmt::format(", {} not checked", unread));
}

}  // namespace larder::cli
