// SPDX-License-Identifier: Apache-2.0
// A text as Go's encoding/json writes it: quoted, with escapes for what could end a script element or a line
// of JavaScript, and \ufffd for each byte that is no UTF-8. Thread rule: a pure function.
#pragma once

#include <string>
#include <string_view>

namespace larder::gomod {

void append_json_text(std::string& out, std::string_view text);

}  // namespace larder::gomod
