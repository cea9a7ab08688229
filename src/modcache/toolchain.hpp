// SPDX-License-Identifier: Apache-2.0
// The tree of a toolchain after it was extracted as any module: what a module zip cannot hold is put right,
// so that it runs. Its programs get their executable bits; each _go.mod gets its copy go.mod beside it.
//
// The order is that of the go command, which does the same at the first use, maybe at this moment, without a
// lock: bin/go becomes executable last of the programs, src/go.mod complete last of the copies, and who finds
// these done does nothing. So a crash anywhere is mended by the next, go or Larder.
// Thread rule: any thread. Spec: go-modules.md 8.
#pragma once

#include "base/result.hpp"
#include "sys/files.hpp"

namespace larder::modcache {

// A tree that is right already is not written to. Without bin/go (for another system) nothing is to be
// executable. The folders' modes are as before.
Result<void> make_runnable(const sys::Path& tree);

}  // namespace larder::modcache
