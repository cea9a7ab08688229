// SPDX-License-Identifier: Apache-2.0
// Files of a project as the go command sees them: with -overlay some come from elsewhere or count as deleted,
// without changing the disk. Only for go.mod, go.sum, go.work and modules.txt; the module cache is never
// overlaid. Thread rule: immutable; share it. Spec: go-resolution.md 0.4.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "sys/files.hpp"

namespace larder::app {

class Overlay {
 public:
  Overlay() = default;  // nothing is overlaid
  // The JSON of -overlay, {"Replace": {"path": "other"}}; relative paths are relative to `cwd`.
  static Result<Overlay> parse(std::string_view json, const sys::Path& cwd);

  bool is_file(const sys::Path& path) const;
  bool is_dir(const sys::Path& path) const;
  // Errors name the path as given, not what lies over it.
  Result<std::string> read(const sys::Path& path, std::uint64_t limit = sys::k_text_file_limit) const;
  Result<std::optional<std::string>> read_if_exists(const sys::Path& path,
                                                    std::uint64_t limit = sys::k_text_file_limit) const;
  bool replaces(const sys::Path& path) const { return find(path) != nullptr; }
  // A Go source file that is overlaid.
  std::optional<sys::Path> replaced_source() const;
  // A path at or below `dir` that is overlaid.
  std::optional<sys::Path> replaced_below(const sys::Path& dir) const;

 private:
  const std::string* find(const sys::Path& path) const;

  sys::Path cwd_;
  std::map<std::string, std::string> files_;  // absolute; an empty value: deleted
};

// How messages show a file: relative to cwd where that is shorter and names the same file.
std::string shown_path(const sys::Path& file, const sys::Path& cwd);

}  // namespace larder::app
