// SPDX-License-Identifier: Apache-2.0
// manifest.json of a bundle: what it is, what it holds, and the hash of every other part. It is the one thing
// that is signed. Canonical JSON: keys sorted, no white space, integers only, so that equal manifests are
// equal bytes; anything else is refused.
//
// parse and print are inverses up to unknown keys, which parse accepts and forgets (what an old reader must
// not overlook is announced in `needs`, and refused). Pure. Thread rule: values.
// Format: docs/formats/bundle.md, "manifest.json".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "base/result.hpp"

namespace larder::bundle {

inline constexpr std::uint64_t k_format = 1;
inline constexpr std::uint64_t k_max_manifest = 4U << 20U;  // bytes
inline constexpr std::uint64_t k_max_members = 10'000;

// A part of the container other than the manifest and its signatures, in container order.
struct Member {
  std::string name;  // "vol-0001.zst"
  std::string role;  // "readme", "entries", "volume"; others are for later and passed over
  Digest sha256;
  std::uint64_t size = 0;
  friend bool operator==(const Member&, const Member&) = default;
};

enum class BundleKind { base, delta };

struct Counts {
  std::uint64_t modules = 0;       // held whole
  std::uint64_t requirements = 0;  // .mod only
  std::uint64_t files = 0;         // names, over all modules
  std::uint64_t blobs = 0;         // different contents
  std::uint64_t blocks = 0;
  std::uint64_t raw_bytes = 0;     // of the blobs
  std::uint64_t module_bytes = 0;  // of all files, before de-duplication
  std::uint64_t zip_bytes = 0;     // of the zips the bundle was made from
  friend bool operator==(const Counts&, const Counts&) = default;
};

struct Manifest {
  std::uint64_t format = k_format;
  BundleKind kind = BundleKind::base;
  std::string id;                  // 26 characters, see make_bundle_id
  std::string source;              // name of the site that packed it, may be empty
  std::string created;             // "2026-08-22T10:00:00Z"
  std::string tool;                // "larder 0.1.0"
  std::string base_root;           // hex; empty in a base bundle
  std::string root;                // hex, see content_root in entries.hpp
  std::vector<std::string> needs;  // features a reader must know, sorted
  std::vector<Member> members;
  std::uint64_t entries_size = 0;  // of the entry table, decompressed
  Counts counts;
  friend bool operator==(const Manifest&, const Manifest&) = default;
};

std::string print_manifest(const Manifest& manifest);
// Kind::invalid for what is not a canonical manifest of a format this program reads.
Result<Manifest> parse_manifest(std::string_view text);

// Time-ordered and unique: 10 characters of time, 16 of randomness, Crockford base 32 (a ULID).
Result<std::string> make_bundle_id(std::int64_t unix_ms);
bool valid_bundle_id(std::string_view id);

// "2026-08-22T10:00:00Z".
std::string format_time(std::int64_t unix_seconds);

}  // namespace larder::bundle
