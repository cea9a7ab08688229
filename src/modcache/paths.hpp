// SPDX-License-Identifier: Apache-2.0
// Where GOMODCACHE keeps the files of one module version. Paths only: nothing is opened here.
// Thread rule: a value. Spec: go-modules.md 1.1, 1.2.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "gomod/module.hpp"
#include "sys/files.hpp"

namespace larder::modcache {

using sys::Path;

class Paths {
 public:
  // Kind::invalid for what can never be a file name here: malformed paths, `non-semver module version "V"`,
  // `non-canonical module version "V"`, and the language and toolchain pseudo-modules.
  static Result<Paths> of(const Path& root, const gomod::Module& module);

  // `.info` and so on, without taking the path apart: lists ask for thousands.
  std::string name(std::string_view suffix) const { return stem_ + std::string(suffix); }
  const std::string& dir_name() const { return dir_; }
  Path info() const { return stem_ + ".info"; }
  Path mod() const { return stem_ + ".mod"; }
  Path zip() const { return stem_ + ".zip"; }
  Path ziphash() const { return stem_ + ".ziphash"; }
  Path lock() const { return stem_ + ".lock"; }        // never deleted
  Path partial() const { return stem_ + ".partial"; }  // exists while `dir` is incomplete
  Path dir() const { return dir_; }                    // the extracted tree
  Path versions_dir() const { return Path(stem_).parent_path(); }

 private:
  Paths(std::string stem, std::string dir) : stem_(std::move(stem)), dir_(std::move(dir)) {}
  std::string stem_;  // ROOT/cache/download/<escaped path>/@v/<escaped version>
  std::string dir_;   // ROOT/<escaped path>@<escaped version>
};

// ROOT/cache/download, itself of the shape of a GOPROXY: usable as a file:// URL.
Path download_dir(const Path& root);
// ROOT/cache/download/<escaped path>/@v
Result<Path> versions_dir(const Path& root, std::string_view module_path);

}  // namespace larder::modcache
