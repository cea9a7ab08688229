// SPDX-License-Identifier: Apache-2.0
// Differences of two texts as go prints them (`mod tidy -diff`): lines that occur once in both anchor the
// match, removed lines stand before added ones, three lines of context.
// Thread rule: a pure function. Spec: go-resolution.md 4.10.
#pragma once

#include <string>
#include <string_view>

namespace larder::app {

// "" where the texts are equal.
std::string text_diff(std::string_view old_name, std::string_view old_text, std::string_view new_name,
                      std::string_view new_text);

}  // namespace larder::app
