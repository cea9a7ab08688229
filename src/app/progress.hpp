// SPDX-License-Identifier: Apache-2.0
// How long work tells that it goes on: `cli` draws bars, `server` counts, tests record. Called from any
// thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace larder::app {

enum class Unit { items, bytes };

class Progress {
 public:
  virtual ~Progress() = default;
  // total 0: not known. One piece of work at a time.
  virtual void started(std::string_view what, std::uint64_t total, Unit unit) = 0;
  // `item` is what was just done ("example.com/m v1.0.0"), may be empty; `done` counts from 0 to total.
  virtual void advanced(std::string_view item, std::uint64_t done) = 0;
  virtual void finished() = 0;
};

class NoProgress final : public Progress {
 public:
  void started(std::string_view, std::uint64_t, Unit) override {}
  void advanced(std::string_view, std::uint64_t) override {}
  void finished() override {}
};

}  // namespace larder::app
