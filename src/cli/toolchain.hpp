// SPDX-License-Identifier: Apache-2.0
// Larder answers as the go command that would answer: where GOTOOLCHAIN lets go start another toolchain,
// Larder goes on by the rules of that version. Nothing is fetched for it but, where a newer release has to be
// chosen, the list of releases. Thread rule: one thread. Spec: go-modules.md 8.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "cli/session.hpp"

namespace larder::cli {

// At the start of a go command: the version that GOTOOLCHAIN and the go.work or go.mod above ask for. A
// version that Larder does not know the rules of is left to fail later, as too new. Errors: `invalid
// GOTOOLCHAIN "x"`.
Result<void> select_go_version(Session& session);

// May go look for a newer toolchain where the local one is too old?
bool may_upgrade(const Session& session);
// The release that go would switch to, chosen from the list of the GOPROXY chain; go on as that one.
Result<std::string> upgrade_go_version(Session& session, std::string_view need);

}  // namespace larder::cli
