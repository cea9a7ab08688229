// SPDX-License-Identifier: Apache-2.0
// A request to `serve`, its first line the target, its second a Range: what is looked up is a clean key, and
// what is sent lies within the content.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.hpp"
#include "server/conditions.hpp"
#include "server/route.hpp"

using namespace larder;
using namespace larder::server;

namespace {

void check(const Route& route) {
  if (route.key.empty()) return;
  for (const auto element : split(route.key, '/')) {
    if (element.empty() || element == "." || element == ".." || element.find('\0') != element.npos)
      std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t k_size = 1000;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto line = text.find('\n');
  if (const auto path = decode_target(text.substr(0, line))) {
    check(find_route(*path));
    check(find_database_route("sum.example", *path));
  }
  if (line == text.npos) return 0;
  const auto found = select({.range = text.substr(line + 1)}, "\"tag\"", k_size, true);
  if (found.what == Selection::What::part &&
      (found.count == 0 || found.first >= k_size || found.count > k_size - found.first))
    std::abort();
  return 0;
}
