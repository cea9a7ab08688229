// SPDX-License-Identifier: Apache-2.0
// The folders of a module tree that `...` enters, each with the import path it would have as a package. Names
// only: whether a folder holds a package is for whoever reads it.
// Thread rule: free functions, safe from any thread. Spec: go-resolution.md 6.3.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace larder::app {

struct PackageWalk {
  std::string root;                 // absolute
  std::string path;                 // import path of the root; "": the standard library, itself no package
  std::vector<std::string> ignore;  // the ignore directives of its go.mod
  bool stops_at_modules = true;     // a folder with a go.mod is not part of it
  bool enters_vendor = false;
  std::function<bool(std::string_view path)> may_match;  // null: everything may
  std::function<void(const std::string& dir)> ignoring;  // null, or told of what an ignore directive skips
  // The names of the folders in one; null: read from the disk. relative: to the root, "" for the root.
  std::function<Result<std::vector<std::string>>(const std::string& relative)> folders;
};

struct WalkedFolder {
  std::string dir;   // absolute
  std::string path;  // import path
};

// In no certain order. Folders that cannot be read are left out, and errors tells why.
std::vector<WalkedFolder> walk_packages(const PackageWalk& walk, std::vector<Error>& errors);

// May a path that begins so match the pattern, or something below it?
bool tree_may_match(std::string_view pattern, std::string_view path);

}  // namespace larder::app
