// SPDX-License-Identifier: Apache-2.0
// go.mod, typed. Two readers: strict for the main module, lax for dependencies (unknown and main-module-only
// directives are ignored, so that old tools read new files).
//
// Invariants: each entry's `line` points into `syntax` and lives as long as the ModFile, also when that is
// moved. Versions of require, exclude and replace are canonical, or what the fixer returned.
// Thread rule: a value, movable only. Spec: go-resolution.md 1.3.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "gomod/module.hpp"
#include "gomod/syntax.hpp"

namespace larder::gomod {

struct ModuleLine {
  std::string path;
  std::string deprecated;  // the message after "Deprecated:", "" where not deprecated
  Line* line;
};
struct GoLine {
  std::string version;  // "1.21", "1.22.3", "1.23rc1"
  Line* line;
};
struct ToolchainLine {
  std::string name;  // "go1.21.3", "default"
  Line* line;
};
struct Godebug {
  std::string key;
  std::string value;
  Line* line;
};
struct Require {
  Module mod;
  bool indirect;  // has the "// indirect" comment
  Line* line;
};
struct Exclude {
  Module mod;
  Line* line;
};
struct Replace {
  Module from;  // empty version: all versions
  Module to;    // empty version: a directory
  Line* line;
};
struct Retract {
  std::string low;  // closed interval; low == high for one version
  std::string high;
  std::string rationale;
  Line* line;
};
struct Tool {
  std::string path;
  Line* line;
};
struct Ignore {
  std::string path;
  Line* line;
};

struct ModFile {
  std::optional<ModuleLine> module;
  std::optional<GoLine> go;
  std::optional<ToolchainLine> toolchain;
  std::vector<Godebug> godebug;
  std::vector<Require> require;
  std::vector<Exclude> exclude;
  std::vector<Replace> replace;
  std::vector<Retract> retract;
  std::vector<Tool> tool;
  std::vector<Ignore> ignore;
  FileSyntax syntax;

  std::string str() const { return print_syntax(syntax); }
};

// Makes a version canonical, e.g. by asking a proxy what "master" is. Its error message is the bare reason.
using VersionFixer = std::function<Result<std::string>(std::string_view path, std::string_view version)>;

// Errors: every error of the file, one a line, each in go's text with its place; Kind::invalid, or the kind
// of the first fixer failure. Without a fixer versions must have a canonical form, which replaces them.
Result<ModFile> parse_mod(std::string_view name, std::string_view text, const VersionFixer& fixer = {});
Result<ModFile> parse_mod_lax(std::string_view name, std::string_view text);

// The module path alone, read tolerantly; "" where there is none. Reads no further than the module line.
std::string module_path(std::string_view text);

// What go uses for a module without a go.mod: "module PATH\n".
std::string synthesize_mod(std::string_view path);

// Is the right side of a replace a directory (on any system): ".", "..", "./x", "/x", "C:x"?
bool is_directory_path(std::string_view path);
// The forms a go line and a toolchain line accept.
bool valid_go_line(std::string_view version);
bool valid_toolchain_line(std::string_view name);

}  // namespace larder::gomod
