// SPDX-License-Identifier: Apache-2.0
#include "app/go_needed.hpp"

#include "gomod/goversion.hpp"
#include "gomod/modfile.hpp"
#include "gomod/toolchain.hpp"

namespace larder::app {

Result<void> check_go_needed(const gomod::Module& module, std::string_view go_mod, const RunningGo& local) {
  if (local.version.empty()) return {};
  const auto mod = gomod::parse_mod_lax("go.mod", go_mod);
  if (!mod || !mod->go || gomod::goversion::compare(mod->go->version, local.version) <= 0) return {};
  return fail(Kind::invalid,
              gomod::too_new_text({module.str(), mod->go->version}, local.version, local.note));
}

}  // namespace larder::app
