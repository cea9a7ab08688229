// SPDX-License-Identifier: Apache-2.0
// Go string literals, as go.mod tokens and as error messages show them. base's quote() leaves unprintable
// code points as they are; these follow Go's rule, because the result is written into files.
// Thread rule: pure functions. Spec: go-resolution.md 1.1, 1.3.5.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace larder::gomod {

std::string go_quote(std::string_view s);  // "…", printable code points kept, others escaped
std::string go_quote_rune(char32_t r);     // 'x', for messages
// Value of a literal in "…", `…` or of one character in '…'; nullopt where it is none.
std::optional<std::string> unquote(std::string_view literal);

// Must s be quoted to be one go.mod token? And s quoted where it must.
bool must_quote(std::string_view s);
std::string auto_quote(std::string_view s);

}  // namespace larder::gomod
