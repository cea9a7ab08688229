// SPDX-License-Identifier: Apache-2.0
// Port: where the graph gets go.mod files from. Requests are started in batches, as soon as the graph knows
// it needs them, and answered in any order; so an adapter fetches and parses as many at once as it likes,
// while the graph stays single-threaded and its results do not depend on the order.
//
// Thread rule: start() and next() are called by one thread; the adapter's own threads stay behind them.
// Spec: go-resolution.md 3.2.
#pragma once

#include <cstdint>
#include <span>

#include "resolve/summary.hpp"

namespace larder::resolve {

struct ModRequest {
  std::uint32_t id;  // echoed in the answer
  Module required;   // never `go`, `toolchain` or a main module without version
  // What to read instead: a replacement, or the same again. An empty version is a directory: relative to
  // the main module, or to go.work in a workspace. Nothing is checked: path and version come from go.mod
  // files of strangers and must be escaped before they become a file name or a URL.
  Module actual;
};

struct ModAnswer {
  std::uint32_t id;
  // Never a null pointer. The error's message is go's text without "PATH@VERSION: " in front:
  // "module lookup disabled by GOPROXY=off".
  Result<SummaryPtr> summary;
};

class ModReader {
 public:
  virtual ~ModReader() = default;

  // Takes requests over; must not wait for them. Each is made at most once in the reader's life time with one
  // Resolver.
  virtual void start(std::span<const ModRequest> requests) = 0;
  // Waits for any started request that was not answered yet. Called once for each.
  virtual ModAnswer next() = 0;
};

}  // namespace larder::resolve
