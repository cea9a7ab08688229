// SPDX-License-Identifier: Apache-2.0
// Words with quotes as the go command takes them in GOFLAGS, GOAUTH and build flags. Thread rule: pure.
// Spec: go-resolution.md 0.4.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace larder {

// Words between blanks; a word that begins with ' or " goes on to the next such quote, whatever is between.
// Views into the text. Kind::invalid: "unterminated ' string".
Result<std::vector<std::string_view>> split_quoted(std::string_view text);

}  // namespace larder
