// SPDX-License-Identifier: Apache-2.0
// `mod init`: what a new go.mod says, and how its module path is guessed where none is given.
// Thread rule: free functions. Spec: go-resolution.md 2 (go line), 9 (mod init).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "sys/files.hpp"

namespace larder::app {

// From an import comment in a .go file of the folder, then of its subfolders, then from the folder's place in
// one of the GOPATHs. The error says why not and what to do, in go's words.
Result<std::string> guess_module_path(const sys::Path& folder, const std::vector<sys::Path>& gopaths);

// May a main module be called so? Errors with go's advice.
Result<void> check_new_module_path(std::string_view path);

// The text of the new file; local_go is the version of the go command that is spoken for.
Result<std::string> new_go_mod(std::string_view path, std::string_view local_go);

// Is there more in the folder than go.mod: .go files or folders that go looks into?
bool holds_packages(const sys::Path& folder);

}  // namespace larder::app
