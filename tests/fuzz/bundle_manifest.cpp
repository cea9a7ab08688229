// SPDX-License-Identifier: Apache-2.0
// manifest.json: what is accepted is canonical, and printing it without unknown keys is stable.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "bundle/manifest.hpp"

using namespace larder::bundle;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto manifest = parse_manifest(text);
  if (!manifest) return 0;
  const auto again = parse_manifest(print_manifest(*manifest));
  if (!again || *again != *manifest) std::abort();
  return 0;
}
