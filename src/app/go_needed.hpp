// SPDX-License-Identifier: Apache-2.0
// The go that a module needs, which go looks at once it has extracted the module. Thread rule: any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "gomod/module.hpp"
#include "sys/files.hpp"

namespace larder::app {

struct RunningGo {
  std::string version;  // "": any module will do
  std::string note;     // "; GOTOOLCHAIN=local"
};

// go_mod: the module's. Kind::invalid: "M@V requires go >= X (running go VERSION NOTE)".
Result<void> check_go_needed(const gomod::Module& module, std::string_view go_mod, const RunningGo& running);
// By the go.mod of the extracted module; one without needs nothing.
Result<void> check_go_needed_in(const sys::Path& dir, const gomod::Module& module, const RunningGo& running);

}  // namespace larder::app
