// SPDX-License-Identifier: Apache-2.0
// GOVCS: which version control programs may be run for which repositories. Thread rule: pure functions.
// Spec: go-modules.md 5.7.
#pragma once

#include <string_view>

#include "base/result.hpp"

namespace larder::vcs {

// root: the module path of the repository. Kind::forbidden: `GOVCS disallows using svn for public ROOT; see
// 'go help vcs'`; Kind::invalid where the value is malformed.
Result<void> check_govcs(std::string_view govcs, std::string_view goprivate, std::string_view vcs,
                         std::string_view root);

}  // namespace larder::vcs
