// SPDX-License-Identifier: Apache-2.0
// Writes a bundle: contents of module zips, de-duplicated and compressed in solid blocks, under a signed
// manifest. Every file that goes in is hashed and checked (store/truth.hpp: zip, .mod and .info) before the
// bundle becomes visible: a store that rotted cannot be packed.
//
// Memory: about 50 MB a thread and 130 bytes a file. Disk: the compressed volumes are written twice, first
// beside the output. The output appears whole or not at all. Thread rule: one call may run many threads.
// Format: docs/formats/bundle.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "bundle/keys.hpp"
#include "bundle/manifest.hpp"
#include "bundle/progress.hpp"
#include "gomod/module.hpp"
#include "store/go_modules.hpp"

namespace larder::bundle {

struct PackModule {
  gomod::Module module;
  bool whole = true;  // false: only its .mod, as a requirement
};

struct PackOptions {
  bool verbatim = false;  // keep the original zip bytes
  int level = 10;         // zstd; docs/decisions/0010
  unsigned threads = 0;   // 0: as many as are worth it, at most 4
  std::uint64_t volume_size = 1U << 30U;
  std::string source;        // Manifest::source
  std::int64_t created = 0;  // Unix seconds
  std::string id;            // empty: a new one
  std::string tool = "larder";
  std::vector<std::string> databases;  // contents of members of role "sumdb" (sumdb_member.hpp)
  OnProgress progress;
};

struct PackReport {
  Manifest manifest;
  std::uint64_t bundle_bytes = 0;
};

// The same module twice counts once. All modules that cannot be packed are named in one error, a line each
// (Kind::unverified if any does not match its hash, else the first one's kind).
Result<PackReport> pack(const store::GoModules& from, std::span<const PackModule> modules,
                        const SecretKey& key, const std::filesystem::path& out, const PackOptions& options,
                        const std::stop_token& stop = {});

}  // namespace larder::bundle
