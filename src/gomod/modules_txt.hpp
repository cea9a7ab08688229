// SPDX-License-Identifier: Apache-2.0
// vendor/modules.txt: which modules a vendor folder was made from.
// Thread rule: a value. Spec: go-resolution.md 7 (mod vendor), 2.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gomod/module.hpp"

namespace larder::gomod {

struct ModulesTxt {
  struct About {
    bool explicit_ = false;             // "## explicit": a go.mod requires it
    std::optional<Module> replacement;  // "=> path version" or "=> ./dir"
    std::string go_version;             // "## go 1.17", "" where not said
  };

  bool is_workspace = false;
  std::vector<Module> with_packages;  // that provide packages, in the order of the file
  std::vector<Module> replaced;       // in the order of the file; without a version: at all versions
  std::map<Module, About> about;
  std::map<std::string, std::string> versions;  // path to version, of those that provide packages
  std::map<std::string, Module> module_of_package;

  const About* find(const Module& module) const;
};

// Never fails: lines that say nothing to us are passed over, as go does.
ModulesTxt parse_modules_txt(std::string_view text);

}  // namespace larder::gomod
