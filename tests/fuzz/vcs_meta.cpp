// SPDX-License-Identifier: Apache-2.0
// go-import tags: what is found is whole, and is found again on a page that is made of it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "vcs/meta.hpp"

using namespace larder::vcs;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto imports = parse_meta_imports({reinterpret_cast<const char*>(data), size});
  if (!imports) return 0;
  for (const auto& import : *imports) {
    if (import.prefix.empty() || import.vcs.empty() || import.repo.empty()) std::abort();
    std::string content = import.prefix + " " + import.vcs + " " + import.repo + " " + import.subdir;
    if (content.find_first_of("<&'\"") != std::string::npos) continue;
    const auto again = parse_meta_imports("<meta name='go-import' content='" + content + "'>");
    if (!again || again->size() != 1 || again->front() != import) std::abort();
  }
  return 0;
}
