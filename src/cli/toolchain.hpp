// SPDX-License-Identifier: Apache-2.0
// Larder answers as the go command that would answer: where GOTOOLCHAIN lets go start another toolchain,
// Larder goes on by the rules of that version. Nothing is fetched for it but, where a newer release has to be
// chosen, the list of releases. Thread rule: one thread. Spec: go-modules.md 8.
#pragma once

#include <optional>
#include <span>

#include "base/result.hpp"
#include "cli/session.hpp"

namespace larder::cli {

// At the start of a go command: the version that GOTOOLCHAIN and the go.work or go.mod above ask for. A
// version that Larder does not know the rules of is left to fail later, as too new. Errors: `invalid
// GOTOOLCHAIN "x"`.
Result<void> select_go_version(Session& session);

// What a command's run ends with where it is to be run again, as a newer go.
inline constexpr int k_again = -1;

// Is it that the local go is too old, and may a newer one be looked for?
bool wants_newer_go(const Session& session, const Error& error);

// At errors that were not said yet: where one of them wants a newer go, goes on as the release that go would
// switch to, chosen from the list of the GOPROXY chain (or on PATH), says so, and returns k_again. Where
// there is none, says all and returns k_failed. nullopt: they are other errors, and still unsaid.
std::optional<int> switch_go(Session& session, std::span<const Error> errors);

}  // namespace larder::cli
