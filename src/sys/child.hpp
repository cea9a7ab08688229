// SPDX-License-Identifier: Apache-2.0
// What process and sandbox share: pipes to a child, and how it ended.
#pragma once

#include <sys/wait.h>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace larder::sys {

struct Pipe {
  Fd read_end;
  Fd write_end;
};
Result<Pipe> make_pipe();  // both ends close on exec

// Of what waitpid() says, as a shell has it: 128 + signal where a signal ended it. Async-signal-safe.
inline int exit_code_of(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace larder::sys
