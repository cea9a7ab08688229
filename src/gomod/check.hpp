// SPDX-License-Identifier: Apache-2.0
// Which paths and versions are allowed. Every error is Kind::invalid and carries go's text in full, such as
//   malformed module path "a..b": trailing dot in path element
//   example.com/m@v2.0.0: invalid version: should be v0 or v1, not v2
// Thread rule: pure functions. Spec: go-resolution.md 0.2, go-modules.md 4.2, 7.4.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "gomod/module.hpp"

namespace larder::gomod {

Result<void> check_path(std::string_view path);         // a path that can be downloaded
Result<void> check_import_path(std::string_view path);  // also right for the path of a main module
Result<void> check_tool_path(std::string_view path);    // the same, of a tool line
Result<void> check_file_path(std::string_view path);    // a name inside a module zip, without the prefix
// One element of a file path, the alphabet that versions in URLs and file names must keep to. The error is
// the bare reason.
Result<void> check_file_element(std::string_view element);

// A module that can be downloaded: path, semantic version, and major version of both.
Result<void> check(std::string_view path, std::string_view version);
inline Result<void> check(const Module& m) {
  return check(m.path, m.version);
}
// check, and the version is canonical: also "non-canonical module version".
Result<void> check_canonical(const Module& m);

struct PathVersion {
  std::string_view prefix;  // "example.com/m", "gopkg.in/yaml"
  std::string_view major;   // "", "/v2", ".v1", ".v1-unstable"
};
// prefix + major == path; nullopt where the ending is malformed (/v0, /v1, /v01, gopkg.in without .vN).
std::optional<PathVersion> split_path_version(std::string_view path);

// Is the version allowed under the path major (as split_path_version gives it)?
bool match_path_major(std::string_view version, std::string_view path_major);
// As match_path_major; the error is: version "v2.0.0" invalid: should be v0 or v1, not v2
Result<void> check_path_major(std::string_view version, std::string_view path_major);
// "/v2" and ".v2" -> "v2"; "" -> "".
std::string_view path_major_prefix(std::string_view path_major);

// `version "V" invalid: REASON`. pseudo: it fails as a pseudo-version, and the text says so.
std::string invalid_version_text(std::string_view version, std::string_view reason, bool pseudo = false);
// `PATH@VERSION: invalid version: REASON`.
std::string invalid_module_version_text(const Module& m, std::string_view reason, bool pseudo = false);

}  // namespace larder::gomod
