// SPDX-License-Identifier: Apache-2.0
// `.info`: what a version is called, when it was made, where it came from. Unknown fields are dropped.
// Thread rule: values. Spec: go-modules.md 1.4, 5.2.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace larder::gomod {

inline constexpr std::string_view k_no_time = "0001-01-01T00:00:00Z";  // where no time is known

inline constexpr std::size_t k_max_info = 1U << 20U;  // bytes; real ones have some 300

struct Origin {
  std::string vcs;
  std::string url;
  std::string subdir;
  std::string hash;
  std::string tag_prefix;
  std::string tag_sum;
  std::string ref;
  std::string repo_sum;

  friend bool operator==(const Origin&, const Origin&) = default;
};

struct Info {
  std::string version;
  std::string time;  // RFC 3339 as Go prints it; k_no_time where unknown
  std::optional<Origin> origin;

  friend bool operator==(const Info&, const Info&) = default;
};

// Kind::invalid with the bare reason, in go's words where it is common:
// "invalid character '<' looking for beginning of value".
Result<Info> parse_info(std::string_view json);

// One line without a newline, the bytes that `go` would write. parse_info(print_info(i)) == i.
std::string print_info(const Info& info);

// The .info file as the go command keeps it on disk: print_info without TagSum and TagPrefix, and without Ref
// for a pseudo-version.
std::string cached_info(const Info& info);

// RFC 3339 as Go's time package reads and prints it: fraction without trailing zeros, "+00:00" as "Z".
// nullopt where it is no time.
std::optional<std::string> normal_time(std::string_view rfc3339);

}  // namespace larder::gomod
