// SPDX-License-Identifier: Apache-2.0
// Where the go commands that write files stand: the folder as go names it, the go.mod and go.work above it,
// and how a path is shown. Looks at the disk, reads no file.
// Thread rule: free functions. Spec: go-resolution.md 0 (3, 5), 8 (1).
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "sys/files.hpp"
#include "sys/process.hpp"

namespace larder::app {

class Overlay;

// $PWD where it names the working directory (it may go through a symbolic link), else the real path.
sys::Path working_directory(const sys::Environment& environment);

// Relative to cwd where that is shorter and names the same file (or both name none).
std::string short_path(const sys::Path& path, const sys::Path& cwd);

// a/b joined and cleaned: no ".", "..", or "/" at the end.
sys::Path joined(const sys::Path& folder, const sys::Path& path);
// What follows folder in path, "." where they are the same; nullopt where path is not in it. Symbolic links
// of either are followed where the names alone do not tell.
std::optional<std::string> inside(const sys::Path& path, const sys::Path& folder);

// The nearest folder with a go.mod, from `from` upwards. An overlay may hide files and add some.
std::optional<sys::Path> find_module_root(const sys::Path& from, const Overlay* overlay = nullptr);
// The go.work that GOWORK means: nullopt for "off" and where there is none. Never out of goroot upwards.
Result<std::optional<sys::Path>> find_work_file(const sys::Path& from, const std::string& gowork,
                                                const sys::Path& goroot, const Overlay* overlay = nullptr);

// What a failure to open `file` says, with its short path.
Error with_short_path(const Error& error, const sys::Path& file, const sys::Path& cwd);

// What the parser says of `file`, shown as `name`: go shortens the place of an error, not a second one in its
// text.
Error with_whole_path(const Error& error, const std::string& name, const sys::Path& file);
// `go.mod file not found …`, or, above a repository, the advice to run go mod init.
Error no_main_module(const sys::Path& cwd, const sys::Path& goroot);

}  // namespace larder::app
