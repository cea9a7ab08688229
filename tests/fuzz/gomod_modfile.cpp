// SPDX-License-Identifier: Apache-2.0
// go.mod: no input may crash the readers; what is printed must be readable, with the same meaning.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gomod/modfile.hpp"

using namespace larder::gomod;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)module_path(text);
  (void)parse_mod_lax("go.mod", text);
  const auto file = parse_mod("go.mod", text);
  if (!file) return 0;
  // In a retract, go writes a quoted version back without quotes, so such a file may not be readable again.
  if (!file->retract.empty()) return 0;
  const auto again = parse_mod("go.mod", file->str());
  if (!again || again->require.size() != file->require.size()) std::abort();
  for (std::size_t i = 0; i < file->require.size(); ++i) {
    if (again->require[i].mod != file->require[i].mod) std::abort();
  }
  if (again->replace.size() != file->replace.size()) std::abort();
  return 0;
}
