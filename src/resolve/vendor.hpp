// SPDX-License-Identifier: Apache-2.0
// Does vendor/modules.txt agree with the go.mod files (and go.work), and what is selected where it is all
// that is known? Thread rule: pure functions. Spec: go-resolution.md 2, 7 (mod vendor), 9.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "gomod/modules_txt.hpp"
#include "resolve/main_modules.hpp"
#include "resolve/requirements.hpp"

namespace larder::resolve {

struct VendorNames {
  std::string root;                    // the folder above vendor, as it stands in the text
  std::vector<std::string> mod_files;  // as shown, one a main module
  std::string work_file;               // as shown
};

// The error has go's text: "inconsistent vendoring in DIR:\n\tM@V: is explicitly required in go.mod, but …".
Result<void> check_vendor(const MainModules& mains, const gomod::ModulesTxt& vendored,
                          const VendorNames& names);

// The build list, as far as a vendor folder tells: what is required, and what provides packages.
std::vector<Module> vendored_build_list(const MainModules& mains, const Requirements& requirements,
                                        const gomod::ModulesTxt& vendored);

}  // namespace larder::resolve
