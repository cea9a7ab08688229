// SPDX-License-Identifier: Apache-2.0
// What decides where modules come from and how they are verified. Values passed in: nothing in fetch reads
// the environment. Thread rule: a value. Spec: go-modules.md 5.1, 5.5, 6.8.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "sys/process.hpp"

namespace larder::fetch {

struct Settings {
  std::string goproxy;  // effective; empty: nothing can be fetched
  std::string goprivate;
  std::string gonoproxy;   // empty: GOPRIVATE is its default
  std::string gonosumdb;   // likewise
  std::string gosumdb;     // effective; "off" turns the checksum database off
  std::string goinsecure;  // for direct mode

  // For modules that come from version control.
  std::string govcs;
  std::filesystem::path modcache;    // its cache/vcs holds the clones
  sys::Environment git_environment;  // of the git commands
  // "Name: value" lines, secrets, that git sends to this https URL; see vcs::GitOptions.
  std::function<Result<std::vector<std::string>>(const std::string& url, std::stop_token)> git_headers;
  // Takes a line, without its end, for each command before and after; any thread.
  std::function<void(const std::string& line)> trace_command;

  std::string_view effective_gonoproxy() const { return gonoproxy.empty() ? goprivate : gonoproxy; }
  std::string_view effective_gonosumdb() const { return gonosumdb.empty() ? goprivate : gonosumdb; }
};

}  // namespace larder::fetch
