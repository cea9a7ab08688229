// SPDX-License-Identifier: Apache-2.0
// What `larder doctor` looks at: one small function a probe, in tables. A probe reads and asks, and changes
// nothing. Thread rule: one thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/session.hpp"

namespace larder::cli {

// Something that is wrong, why that matters, and the command that mends it.
struct Finding {
  std::string probe;
  std::string what;
  std::string why;
  std::string mend;
};

// What the probes look at.
struct Patient {
  const Session& session;
  std::int64_t now;  // seconds since the epoch
};

class Findings {
 public:
  void add(std::string_view what, std::string_view why, std::string_view mend) {
    found_.push_back({probe_, std::string(what), std::string(why), std::string(mend)});
  }
  void begin(std::string_view probe) { probe_ = probe; }
  const std::vector<Finding>& all() const { return found_; }

 private:
  std::string probe_;
  std::vector<Finding> found_;
};

struct Probe {
  std::string_view name;
  std::string_view looks_at;
  void (*look)(const Patient& patient, Findings& out);
};

std::span<const Probe> setting_probes();   // values alone
std::span<const Probe> machine_probes();   // files, disks, owners
std::span<const Probe> upstream_probes();  // the network; not with --offline or GOPROXY=off

}  // namespace larder::cli
