// SPDX-License-Identifier: Apache-2.0
// The JSON that a .info file nearly always is: an object of strings, and of such objects, without white
// space, escapes and anything but ASCII. What is read here is JSON; what is not may be JSON all the same.
// Thread rule: a pure function. Spec: go-modules.md 1.4.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace larder::gomod {

struct FlatField {
  std::string_view object;  // whose field it is; "" for the outer one
  std::string_view name;
  std::string_view value;

  friend bool operator==(const FlatField&, const FlatField&) = default;
};

// Views into the text, in its order. nullopt: it is not of that form.
std::optional<std::vector<FlatField>> read_flat_json(std::string_view text);

}  // namespace larder::gomod
