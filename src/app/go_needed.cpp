// SPDX-License-Identifier: Apache-2.0
#include "app/go_needed.hpp"

#include "gomod/goversion.hpp"
#include "gomod/toolchain.hpp"
#include "modzip/limits.hpp"

namespace larder::app {

Result<void> check_go_needed(const gomod::Module& module, std::string_view go_mod, const RunningGo& running) {
  const auto go = gomod::look_up_line(go_mod, "go");
  if (running.version.empty() || gomod::goversion::compare(go, running.version) <= 0) return {};
  return fail(Kind::invalid,
              gomod::too_new_text({module.str(), std::string(go)}, running.version, running.note));
}

Result<void> check_go_needed_in(const sys::Path& dir, const gomod::Module& module, const RunningGo& running) {
  const auto text = sys::read_file(dir / "go.mod", modzip::k_max_go_mod);
  return text ? check_go_needed(module, *text, running) : Result<void>();
}

}  // namespace larder::app
