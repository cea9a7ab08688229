// SPDX-License-Identifier: Apache-2.0
// `larder prove`: run a command with no network, an empty HOME and module cache, and the store as GOPROXY;
// say whether it got along, and if not, which modules it looked for in vain. Thread rule: one call, one
// thread.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "gomod/module.hpp"
#include "sys/files.hpp"
#include "sys/process.hpp"

namespace larder::app {

struct ProveOptions {
  sys::Path project;
  sys::Path store;                   // absolute; its go/ becomes GOPROXY=file://…
  std::vector<std::string> command;  // argv
  sys::Environment environment;      // the caller's; Go settings are put on top
  sys::Environment go_settings;  // GOFLAGS, GOPRIVATE, GOSUMDB, …: as the go command outside would see them
  bool keep_caches = false;      // use the caller's HOME, GOMODCACHE and GOCACHE
};

struct ProveReport {
  int exit_code = 0;
  std::vector<gomod::Module> missing;  // named in the command's messages, sorted; version empty: any version
  bool compatible() const { return exit_code == 0; }
};

// Kind::forbidden with a hint where the system allows no namespaces.
Result<ProveReport> prove(const ProveOptions& options, std::stop_token stop);

// Modules that `text` says could not be read below `proxy_url` ("file:///store/go"). Pure; for prove and its
// test.
std::vector<gomod::Module> missing_modules(std::string_view text, std::string_view proxy_url);

std::string file_url(const sys::Path& absolute);  // percent-encoded

}  // namespace larder::app
