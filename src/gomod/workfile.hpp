// SPDX-License-Identifier: Apache-2.0
// go.work, typed; always strict. The same invariants as modfile.hpp.
// Thread rule: a value, movable only. Spec: go-resolution.md 1.3.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "gomod/modfile.hpp"
#include "gomod/syntax.hpp"

namespace larder::gomod {

struct Use {
  std::string path;  // directory, slash-separated, relative to go.work or absolute
  Line* line;
};

struct WorkFile {
  std::optional<GoLine> go;
  std::optional<ToolchainLine> toolchain;
  std::vector<Godebug> godebug;
  std::vector<Use> use;
  std::vector<Replace> replace;
  FileSyntax syntax;

  std::string str() const { return print_syntax(syntax); }
};

// As parse_mod, for go.work.
Result<WorkFile> parse_work(std::string_view name, std::string_view text, const VersionFixer& fixer = {});

}  // namespace larder::gomod
