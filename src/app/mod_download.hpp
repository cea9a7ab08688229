// SPDX-License-Identifier: Apache-2.0
// `go mod download` on the shared module cache: info, go.mod, zip and tree of many modules at once.
// Thread rule: one call, one thread (works on several). Spec: go-modules.md 10; go-resolution.md 7.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/cached_modules.hpp"
#include "app/go_needed.hpp"
#include "app/go_value.hpp"
#include "base/result.hpp"
#include "gomod/module.hpp"

namespace larder::app {

// As `go mod download -json` prints it; empty fields are left out there.
struct DownloadedModule {
  gomod::Module module;
  std::string query;
  std::string error;
  std::string info;                     // path of the cached .info
  std::string go_mod;                   // path
  std::string zip;                      // path
  std::string dir;                      // path
  std::string sum;                      // h1 of the zip
  std::string go_mod_sum;               // h1 of go.mod
  std::optional<fetch::Origin> origin;  // of what the query stands for; only who asked it knows
  Kind error_kind = Kind::internal;
  bool reuse = false;  // what an earlier run said stands, and nothing is fetched

  bool is_wanted() const { return error.empty() && !reuse; }
};

struct DownloadOptions {
  unsigned jobs = 16;
  RunningGo running_go;  // modules that need a newer one are errors, after they were downloaded
};

GoValue to_value(const DownloadedModule& module);

// One result a module, in the same order. Failures are in DownloadedModule::error.
std::vector<DownloadedModule> mod_download(CachedModules& modules, const std::vector<gomod::Module>& wanted,
                                           const DownloadOptions& options, std::stop_token stop);

}  // namespace larder::app
