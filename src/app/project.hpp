// SPDX-License-Identifier: Apache-2.0
// A Go project on disk: its main modules (one, or those of a go.work) with their go.mod and go.sum files.
// Thread rule: a value, movable. Spec: go-resolution.md 0 (start-up), 8 (workspaces).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/overlay.hpp"
#include "base/result.hpp"
#include "fetch/verify.hpp"
#include "gomod/gosum.hpp"
#include "gomod/modfile.hpp"
#include "gomod/workfile.hpp"
#include "sys/files.hpp"

namespace larder::app {

struct MainModule {
  sys::Path dir;
  std::string mod_text;  // as read
  gomod::ModFile mod;
  sys::Path mod_file;  // DIR/go.mod, or what -modfile names, as given
};

// A toolchain that go downloads for the project, and what makes it do so.
struct ToolchainNeed {
  gomod::Module module;
  std::string needed_by;  // "the toolchain line of go.mod", "GOTOOLCHAIN=go1.26.8"
};

struct Project {
  sys::Path root;                   // the folder of go.mod, or of go.work
  sys::Path sum_file;               // that sums are added to: go.sum beside go.mod, or go.work.sum
  std::vector<MainModule> modules;  // at least one
  std::optional<gomod::WorkFile> work;
  gomod::GoSum sum;                       // of all modules, merged
  gomod::GoSum work_sum;                  // go.work.sum
  std::vector<gomod::GoSum> member_sums;  // in a workspace: that of each module
  bool has_vendor = false;
  std::optional<ToolchainNeed> toolchain;  // see needed_toolchain

  const MainModule& main() const { return modules.front(); }
};

// What downloads are compared with; the project outlives it.
std::vector<fetch::Verifier::Sums> sums_of(const Project& project);

enum class Workspaces { use, ignore };

struct FindOptions {
  Workspaces workspaces = Workspaces::use;
  std::string gowork;  // GOWORK: empty or "auto", "off", or an absolute path
  std::string goroot;  // no go.work is looked for above it
  const Overlay* overlay = nullptr;
  sys::Path cwd;              // messages show files relative to it; empty: the working directory
  std::string mod_file;       // -modfile: read instead of go.mod, where the project has no go.work
  std::string temp_dir;       // a go.mod right there is nobody's project
  std::string local_go;       // files that need a newer go are refused: "go.mod requires go >= X (running …)"
  std::string local_go_note;  // "; GOTOOLCHAIN=local"
  bool raises_go_work = false;  // modules that need a newer go line than that of go.work will get it
  // Where several modules of a workspace fail: all but the last, which is returned. nullptr: one error has
  // all.
  std::vector<Error>* also = nullptr;
  bool lenient_sums = false;  // lines of go.sum that make no sense are dropped, as by tidy
  gomod::VersionFixer fixer;  // for versions of go.mod that are no versions; empty: they are errors
};

// FILE requires go >= WANTED (running go LOCAL NOTE)
Error too_new(std::string_view file, std::string_view wanted, const FindOptions& options);

// `path` is a folder, or a go.mod, go.sum or go.work file. Goes up to the nearest go.mod as the go command
// does, or to the go.work. Kind::not_found: go.mod file not found in current directory or any parent
// directory; see 'go help modules'
Result<Project> load_project(const sys::Path& path, const FindOptions& options = {});

// Which go there is.
struct LocalGo {
  std::string gotoolchain;  // GOTOOLCHAIN
  std::string version;      // "1.26.8"
  std::string platform;     // "linux-amd64"
};
// nullopt: the local go builds the project, or fails without asking for another. What go would find on PATH
// is not looked for: it may not be there elsewhere. Errors: `invalid GOTOOLCHAIN "x"`, `invalid toolchain
// "x"`.
Result<std::optional<ToolchainNeed>> needed_toolchain(const Project& project, const LocalGo& local);

}  // namespace larder::app
