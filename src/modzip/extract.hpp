// SPDX-License-Identifier: Apache-2.0
// Unpacks a module zip into a directory and computes its h1 in the same pass: every entry is inflated once,
// hashed, written. Nothing is trusted before everything of check.hpp holds. The caller compares the h1 and
// decides whether to keep the tree; locks and markers are modcache's. After a failure a partial tree may be
// left, possibly with read-only directories.
//
// Modes: files 0444, directories 0777, both less the umask; then directories lose their write bits unless
// read_write. Mode bits, symbolic links and times of the zip mean nothing. No fsync.
// Thread rule: one call, one thread (or `threads` of them, inside); different targets in parallel are fine.
// Spec: go-modules.md 1.6, 2.3, 4.7.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "gomod/h1.hpp"
#include "gomod/module.hpp"

namespace larder::modzip {

struct ExtractOptions {
  bool read_write = false;  // -modcacherw: leave directories writable
  // Above 1, a large module (8 MiB and more) is unpacked by so many threads; small ones never are.
  unsigned threads = 1;
  std::stop_token stop;  // looked at before each file
};

struct Extracted {
  gomod::H1 h1;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;  // uncompressed
};

// `target` must be absent (parents are made) or an empty directory. Errors of the zip are Kind::invalid, of
// the disk Kind::io; `target directory T exists and is not empty` is Kind::io.
Result<Extracted> extract(const gomod::Module& module, Bytes zip, const std::filesystem::path& target,
                          const ExtractOptions& options = {});

// All checks and the h1 that extract would report, with nothing written. options.read_write means nothing.
Result<Extracted> check_and_hash(const gomod::Module& module, Bytes zip, const ExtractOptions& options = {});

}  // namespace larder::modzip
