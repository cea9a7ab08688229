// SPDX-License-Identifier: Apache-2.0
// `work use`: which modules a go.work lists, and what its go line must be for them.
// Thread rule: free functions. Spec: go-resolution.md 8 (6, 7).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "gomod/workfile.hpp"
#include "sys/files.hpp"

namespace larder::app {

struct WorkUseOptions {
  sys::Path cwd;
  sys::Path work_file;     // absolute; its folder is what relative paths in it are relative to
  bool recursive = false;  // -r
  std::string local_go;    // the version of the go command that is spoken for
  std::string local_note;  // behind it in errors: "; GOTOOLCHAIN=local"
};

struct WorkUseOutcome {
  std::vector<std::string> warnings;  // whole lines
  std::vector<Error> errors;          // with one of them the file must not be written
};

// Adds the folders that hold a go.mod, drops those that do not, and raises the go line to those of all
// modules listed. Not sorted nor cleaned up yet.
WorkUseOutcome use_folders(gomod::WorkFile& file, const std::vector<std::string>& folders,
                           const WorkUseOptions& options);

// Raises the go line to `highest`; the toolchain line goes where that implies it. True: it was raised.
Result<bool> raise_work_go(gomod::WorkFile& file, std::string_view highest);
// Of several lines with the same text the first stays, where go finds a module for it.
void name_modules(gomod::WorkFile& file, const WorkUseOptions& options);

// The go.work of this name, as errors show it: "errors parsing go.work:\n…", "reading go.work: open FILE: …".
Result<gomod::WorkFile> read_work_file(const std::string& shown);

// `FILE requires go >= X (running go Y…)`.
Error too_new(std::string_view file, std::string_view wanted, const WorkUseOptions& options);

// "./x" for x, as go writes a folder in go.work; rooted paths and those that begin with dots stay.
std::string directory_path(std::string_view path);

}  // namespace larder::app
