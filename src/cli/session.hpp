// SPDX-License-Identifier: Apache-2.0
// What a command gets: the configuration, where to write, when to stop. stdout carries the result, stderr
// everything else; messages begin "larder: " (product.md, "Commands").
// Thread rule: print, note and complain may be called from any thread; each writes whole lines.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.hpp"
#include "cli/config.hpp"
#include "cli/shortfall.hpp"
#include "sys/parallel.hpp"

namespace larder::cli {

enum ExitStatus : int { k_done = 0, k_failed = 1, k_usage = 2, k_integrity = 3 };

// 3 for what does not match its hash or signature, else 1. The one place where Kind becomes a status.
int exit_status(const Error& error);
// The highest of them; 0 for none.
int exit_status(const std::vector<Error>& errors);

class Session {
 public:
  Session(Config the_config, std::stop_token the_stop)
      : config(std::move(the_config)), stop(std::move(the_stop)) {}

  Config config;
  std::stop_token stop;
  std::vector<std::string> command;  // what stood behind "--", for commands that run another one
  std::shared_ptr<Shortfall> shortfall = std::make_shared<Shortfall>();  // of the go commands; one thread

  void print(std::string_view text) const;  // stdout, as it is
  // With a newline; valid whatever bytes names and settings have: U+FFFD stands for those that are not UTF-8.
  void print_json(const nlohmann::ordered_json& json, int indent = -1) const;
  std::optional<Error> unprinted() const;   // why some of it did not get there
  void note(std::string_view line) const;   // stderr "larder: LINE", not with -q
  void complain(const Error& error) const;  // stderr "larder: MESSAGE" and the hint
  void complain(const std::vector<Error>& errors) const;
  int misused(const Error& error) const;  // complains of wrong usage; its exit status
  bool json() const { return config.flags.json; }
  bool stderr_is_terminal() const;

 private:
  std::shared_ptr<sys::Sync<std::optional<Error>>> unprinted_ =
      std::make_shared<sys::Sync<std::optional<Error>>>();
};

}  // namespace larder::cli
