// SPDX-License-Identifier: Apache-2.0
// Port: where packages are read from: the main modules' folders, extracted modules, the standard library.
// The loader asks in batches through each(), so that an adapter works on as many at once as it likes.
//
// Thread rule: each() is called by one thread; everything else by any number of threads at once, from within
// each(). Answers must not change while a load runs: they are asked for again after a change of roots.
// Spec: go-resolution.md 4.3, 6.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "resolve/versions.hpp"

namespace larder::resolve {

// The files of a module.
struct ModuleTree {
  std::string dir;     // absolute
  bool local = false;  // a main module or a directory replacement: folders with a go.mod are not part of it
};

// The imports of a folder under any-tags, each list sorted, each path once.
struct DirScan {
  std::vector<std::string> imports;
  std::vector<std::string> test_imports;
  bool no_go = false;          // no file counts: "no Go source files"
  std::optional<Error> error;  // anything else that went wrong, in go's words
};

struct MainPackages {
  std::vector<std::string> paths;  // sorted; folders for which scanning says "no Go source files" left out
  std::vector<Error> errors;       // folders that could not be read
};

class PackageSource {
 public:
  virtual ~PackageSource() = default;

  virtual void each(std::size_t count, const std::function<void(std::size_t)>& work) = 0;

  // The files of `required`, that is of `actual` where it is replaced; downloaded and extracted if need be.
  // Errors have go's text, "PATH@VERSION: " in front.
  virtual Result<ModuleTree> tree(const Module& required, const Module& actual) = 0;
  // Does go.sum have the hash of the module's zip?
  virtual bool has_sum(const Module& actual) = 0;

  virtual bool has_go_mod(const std::string& dir) = 0;
  // root: of the module that the folder belongs to.
  virtual Result<bool> has_go_files(const std::string& root, const std::string& dir) = 0;
  virtual DirScan scan(const std::string& root, const std::string& dir) = 0;

  // Of one main module, or of all where `module` is empty.
  virtual MainPackages main_packages(const std::string& module) = 0;

  // The folder of a package of the standard library; "" where it has none.
  virtual std::string std_dir(const std::string& path) = 0;
  // Is there such a folder below the standard library's root (`vendor/golang.org/x/…`)?
  virtual bool std_has_folder(const std::string& path) = 0;
  // For messages: GOROOT/src/PATH.
  virtual std::string std_name(const std::string& path) const = 0;
};

}  // namespace larder::resolve
