// SPDX-License-Identifier: Apache-2.0
// Build constraints: negating a valid expression turns its value round when every tag has a fixed value.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "goscan/constraint.hpp"

using namespace larder::goscan;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)check_constraints(text, Tags::any());
  (void)evaluate_plus_build(text, Tags::any());
  (void)evaluate_go_build(text, Tags::any());
  const auto tags = Tags::of([](std::string_view tag) { return tag.size() % 2 == 0; });
  const auto value = evaluate_go_build(text, tags);
  // Three more tokens may be too many; then there is no value.
  if (value && text.find("//go:build") == std::string_view::npos) {
    const auto negated = evaluate_go_build("!(" + std::string(text) + ")", tags);
    if (negated && *negated == *value) std::abort();
  }
  return 0;
}
