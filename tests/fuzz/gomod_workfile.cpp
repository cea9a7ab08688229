// SPDX-License-Identifier: Apache-2.0
// go.work: no input may crash the reader; what is printed must be readable, with the same directories.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gomod/workfile.hpp"

using namespace larder::gomod;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = parse_work("go.work", {reinterpret_cast<const char*>(data), size});
  if (!file) return 0;
  const auto again = parse_work("go.work", file->str());
  if (!again || again->use.size() != file->use.size()) std::abort();
  for (std::size_t i = 0; i < file->use.size(); ++i) {
    if (again->use[i].path != file->use[i].path) std::abort();
  }
  return 0;
}
