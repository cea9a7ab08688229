// SPDX-License-Identifier: Apache-2.0
// Templates of list -f: whatever the text, it is refused or runs to an end; running it twice gives the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "app/go_template.hpp"
#include "app/module_facts.hpp"

using namespace larder::app;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parsed = GoTemplate::parse({reinterpret_cast<const char*>(data), size});
  if (!parsed) return 0;
  ModuleFacts facts;
  facts.path = "example.com/a";
  facts.versions = {"v1.0.0", "v1.1.0"};
  facts.time = "2018-02-14T00:45:20Z";
  facts.replace = std::make_unique<ModuleFacts>();
  const auto value = to_value(facts);
  std::string first;
  std::string second;
  const bool ran = parsed->run(value, first).has_value();
  if (parsed->run(value, second).has_value() != ran || first != second) std::abort();
  return 0;
}
