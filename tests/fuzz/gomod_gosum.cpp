// SPDX-License-Identifier: Apache-2.0
// go.sum: whatever is read, writing it and reading it again gives the same file.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gomod/gosum.hpp"

using namespace larder::gomod;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto lenient = GoSum::parse_lenient(text);
  const auto written = lenient.str();
  const auto again = GoSum::parse("go.sum", written);
  if (!again || again->str() != written) std::abort();
  if (const auto strict = GoSum::parse("go.sum", text); strict && *strict != lenient) std::abort();
  (void)lenient.entries();
  return 0;
}
