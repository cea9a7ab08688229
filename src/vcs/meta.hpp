// SPDX-License-Identifier: Apache-2.0
// The go-import tags of an HTML page: where the repository of an import path is. Read as leniently, and as
// strictly, as the go command reads them: HTML taken for XML with its faults forgiven, up to the end of the
// head; UTF-8 only. Thread rule: pure functions. Spec: go-modules.md 5.6.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace larder::vcs {

inline constexpr std::size_t k_max_page = 1U << 20U;  // bytes that are looked at; go has no limit

struct MetaImport {
  std::string prefix;
  std::string vcs;  // "git", "hg", …; "mod": repo is the base of a GOPROXY
  std::string repo;
  std::string subdir;  // since go 1.25; usually empty

  friend bool operator==(const MetaImport&, const MetaImport&) = default;
};

// In page order, but `mod` tags first, and without the others that have the prefix of one. A page that makes
// no sense is an error only where no tag came before the fault.
Result<std::vector<MetaImport>> parse_meta_imports(std::string_view page);

// The one tag for an import path. Kind::not_found with what did not match ("" for no tag at all),
// Kind::invalid for `multiple meta tags match import path "P"`.
Result<MetaImport> match_import(const std::vector<MetaImport>& imports, std::string_view import_path);

}  // namespace larder::vcs
