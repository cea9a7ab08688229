// SPDX-License-Identifier: Apache-2.0
// Import headers: a part that calls itself complete must say what the whole says; literals stay inside the
// text.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "goscan/header.hpp"

using namespace larder::goscan;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto whole = read_header(text, true);
  if (!whole.complete) std::abort();
  for (const auto literal : whole.imports) {
    if (literal.size() < 2 || literal.data() < text.data() ||
        literal.data() + literal.size() > text.data() + text.size()) {
      std::abort();
    }
    (void)unquote(literal);
  }
  const auto part = read_header(text.substr(0, size / 2), false);
  if (part.complete && (part.imports != whole.imports || part.parses != whole.parses)) std::abort();
  (void)embed_patterns(text);
  return 0;
}
