// SPDX-License-Identifier: Apache-2.0
// Flags as the go command reads them: one or two dashes, "-x", "-x=true", "-go=1.17", "-go 1.17"; parsing
// stops at the first word that is no flag, or after "--". GOFLAGS comes first, flags that the command lacks
// are passed over there. Thread rule: values. Spec: go-resolution.md 0.2, 0.4.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cli/go_flag_values.hpp"

namespace larder::cli {

struct GoFlagSpec {
  std::string_view name;  // "json"
  bool is_bool = true;
  bool optional_value = false;                           // -json or -json=Path,Version
  bool or_auto = false;                                  // a switch that may also be "auto"
  FlagFault (*fault)(std::string_view value) = nullptr;  // of a value, where not every one will do
  bool is_ours = false;                                  // go has no such flag
};

struct GoArguments {
  std::map<std::string, std::string, std::less<>> flags;  // last one wins; "true" and "false" for switches
  std::vector<std::string> words;

  bool has(std::string_view name) const;
  std::string value(std::string_view name) const;  // "" where not given
};

// Hears of each flag that was accepted, in order: for those that may be given many times.
using OnGoFlag = std::function<void(std::string_view name, const std::string& value)>;

// Errors are what goes before the usage line: "flag provided but not defined: -x"; empty for -h. go takes a
// flag behind a module's path for a path; one of Larder's own is an error there, since it would not be heard.
Result<GoArguments> parse_go_flags(const std::vector<std::string>& words,
                                   const std::vector<GoFlagSpec>& specs, std::string_view goflags,
                                   const OnGoFlag& on_flag = {});

}  // namespace larder::cli
