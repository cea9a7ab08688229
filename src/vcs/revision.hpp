// SPDX-License-Identifier: Apache-2.0
// What a repository says of its commits and tags. Thread rule: values. Spec: go-modules.md 1.4, 4.8.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gomod/info.hpp"

namespace larder::vcs {

// Where a version was found; each field is empty where unknown.
using gomod::Origin;

struct Revision {
  std::string name;               // the commit: 40 hex digits, 64 in a SHA-256 repository
  std::string short_name;         // its first 12: what pseudo-versions are made of
  std::string version;            // the tag that was asked for, else name
  std::int64_t time = 0;          // of the commit, seconds since 1970
  std::vector<std::string> tags;  // sorted
  Origin origin;

  friend bool operator==(const Revision&, const Revision&) = default;
};

struct Tag {
  std::string name;
  std::string hash;
  friend bool operator==(const Tag&, const Tag&) = default;
};

struct Tags {
  Origin origin;          // tag_prefix and tag_sum are set
  std::vector<Tag> list;  // by name
};

}  // namespace larder::vcs
