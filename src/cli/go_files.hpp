// SPDX-License-Identifier: Apache-2.0
// For the go commands that write project files and load no modules: which file it is, and what go checks
// before it looks. Thread rule: free functions. Spec: go-resolution.md 0.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "cli/go_flags.hpp"
#include "cli/session.hpp"
#include "sys/files.hpp"

namespace larder::cli {

// -overlay would show other files than those on disk: an error that names it.
Result<void> refuse_overlay(const GoArguments& arguments);

sys::Path temp_dir(const Session& session);  // TMPDIR, or /tmp

// Are modules in use at all? Errors: GO111MODULE=off, or an unknown value.
Result<void> check_modules_on(const Session& session);

// The go.mod of the main module, or what -modfile names where there is a main module. Warns of one in the
// folder for temporary files, which does not count.
Result<sys::Path> go_mod_path(const Session& session, const std::string& modfile);
// "-modfile=x: file does not have .mod extension"
Result<void> check_modfile(const std::string& modfile);

// The go.work in use; nullopt where there is none.
Result<std::optional<sys::Path>> go_work_path(const Session& session);
Error no_go_work();

// What is wrong with the value of -FLAG, which names a Go version; "" where it will do, or is empty.
std::string go_version_fault(std::string_view flag, const std::string& version, const std::string& local);

// Does GOTOOLCHAIN count? Not where modules are off, or would be for go.
bool selects_toolchain(const Session& session);
// What stands behind the version in "requires go >= X (running go Y…)".
std::string toolchain_note(const Session& session);

}  // namespace larder::cli
