// SPDX-License-Identifier: Apache-2.0
// A Go project on disk: its main modules (one, or those of a go.work) with their go.mod and go.sum files.
// Thread rule: a value, movable. Spec: go-resolution.md 0 (start-up), 8 (workspaces).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "gomod/gosum.hpp"
#include "gomod/modfile.hpp"
#include "gomod/workfile.hpp"
#include "sys/files.hpp"

namespace larder::app {

struct MainModule {
  sys::Path dir;
  std::string mod_text;  // as read
  gomod::ModFile mod;
};

struct Project {
  sys::Path root;                   // the folder of go.mod, or of go.work
  std::vector<MainModule> modules;  // at least one
  std::optional<gomod::WorkFile> work;
  gomod::GoSum sum;       // of all modules, merged
  gomod::GoSum work_sum;  // go.work.sum
  bool has_vendor = false;

  const MainModule& main() const { return modules.front(); }
};

enum class Workspaces { use, ignore };

struct FindOptions {
  Workspaces workspaces = Workspaces::use;
  std::string gowork;  // GOWORK: empty or "auto", "off", or an absolute path
};

// `path` is a folder, or a go.mod, go.sum or go.work file. Goes up to the nearest go.mod as the go command
// does. Kind::not_found: go.mod file not found in current directory or any parent directory; see 'go help
// modules'
Result<Project> load_project(const sys::Path& path, const FindOptions& options = {});

}  // namespace larder::app
