// SPDX-License-Identifier: Apache-2.0
// vendor/modules.txt: every package belongs to a module of the file, at its version.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gomod/modules_txt.hpp"

using namespace larder::gomod;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto txt = parse_modules_txt({reinterpret_cast<const char*>(data), size});
  for (const auto& [package, module] : txt.module_of_package) {
    if (!txt.versions.contains(module.path)) std::abort();
  }
  for (const auto& module : txt.replaced) {
    const auto* about = txt.find(module);
    if (about == nullptr || !about->replacement) std::abort();
  }
  return 0;
}
