// SPDX-License-Identifier: Apache-2.0
// Running a command with no network: new user, network, PID, mount and IPC namespaces (user_namespaces(7)),
// without privileges. Inside there is a fresh loopback device that is up, so programs that talk to themselves
// on 127.0.0.1 or ::1 work; neither other machines nor the host's own loopback services (nor its abstract
// Unix sockets) can be reached. The file system is the caller's, with the caller's user and group numbers,
// apart from what is to be read-only (by mounts of its own: protection from mistakes, not from malice);
// Unix sockets that have a path stay reachable through it.
//
// Invariant: when run_in_sandbox returns, no process of the command is left, not even a daemon it made.
// Thread rule: any thread; the calling thread blocks and must not end before.
#pragma once

#include <cstddef>
#include <stop_token>

#include "base/result.hpp"
#include "sys/process.hpp"

namespace larder::sys {

enum class Streams {
  inherit,  // the caller's standard streams
  capture,  // standard output and error into Outcome; standard input is empty
  tee,      // both: copied to the caller's streams as they come, and kept
};

struct SandboxOptions {
  Streams streams = Streams::inherit;
  std::size_t keep = 16U << 20U;  // bytes of each stream kept in Outcome; what comes later is dropped
  std::vector<Path> read_only;    // folders, with all below: the command cannot change them by any path
  std::stop_token stop;           // kills the whole tree; the result is Kind::cancelled
};

// The command's `environment` is used as given (the caller's own where absent); `prepare` runs in the child,
// inside the sandbox, just before exec. Kind::not_found when the program does not exist; Kind::forbidden,
// with a hint, where the system does not allow such namespaces.
Result<Outcome> run_in_sandbox(const Command& command, const SandboxOptions& options = {});

// Builds and leaves a sandbox: the error says what run_in_sandbox would say.
Result<void> sandbox_available();

}  // namespace larder::sys
