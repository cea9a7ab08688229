// SPDX-License-Identifier: Apache-2.0
// What a project needs to be built, tested, tidied and vendored: every .mod of its requirement graph, and the
// .zip of every module that its go.sum vouches for. The same answer serves stock, check, pack and restore;
// only where go.mod files are read from differs. Thread rule: one call, one thread (reads on several). Spec:
// go-resolution.md 3, 5; go-modules.md 6.8.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/mod_reader.hpp"
#include "app/project.hpp"
#include "base/result.hpp"
#include "gomod/module.hpp"
#include "resolve/main_modules.hpp"

namespace larder::app {

struct Want {
  gomod::Module module;
  bool whole = false;     // false: only the .mod, for the requirement graph
  std::string needed_by;  // "example.com/a@v1.0.0", "go.sum", "go.mod of the main module"
};

struct Plan {
  std::vector<Want> wants;  // sorted by module, each once
  // go.mod files of the graph that could not be read; the graph below them is unknown.
  std::vector<Error> failures;
  // What go.sum and go.work.sum lack a line for: a go.mod of the graph, or the content of a module that a
  // main module requires directly. go refuses to build so, unless it may write go.sum or has a vendor folder.
  // Sorted, each once.
  std::vector<gomod::Module> unsummed;
};

struct PlanOptions {
  // May a module be used although no go.sum has its hash (GOSUMDB=off, GONOSUMDB)? Then the whole build list
  // is wanted.
  std::function<bool(const gomod::Module&)> vouched_without_sum;
  unsigned threads = 16;
};

// main modules, with replace, exclude and workspace rules.
Result<resolve::MainModules> main_modules(const Project& project);

Result<Plan> make_plan(const Project& project, const ReadMod& read, const PlanOptions& options);

// A project that only requires `module`, for `larder stock M@V`. Its go.sum is empty.
Project project_of(const gomod::Module& module);

}  // namespace larder::app
