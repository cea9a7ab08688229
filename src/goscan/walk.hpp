// SPDX-License-Identifier: Apache-2.0
// Which folders and files of a module tree are looked at when packages are sought. Names only.
// Thread rule: immutable; share it. Spec: go-resolution.md 6.1, 6.3.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace larder::goscan {

// Folders that `...` never enters: testdata, and names that begin with '.' or '_'.
bool is_hidden_folder(std::string_view name);

// May the file hold source of the package: name.go, not beginning with '.' or '_'?
bool is_source_name(std::string_view name);
bool is_test_name(std::string_view name);

// The ignore directives of a go.mod.
class IgnoreRules {
 public:
  explicit IgnoreRules(const std::vector<std::string>& patterns);
  // relative: the folder, slash-separated, relative to the module root, "" for the root itself.
  bool ignores(std::string_view relative) const;

 private:
  std::vector<std::string> prefixes_;  // "/x/y/", from "./x/y"
  std::vector<std::string> anywhere_;  // "/x/y/"
};

}  // namespace larder::goscan
