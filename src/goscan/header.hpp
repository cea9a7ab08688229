// SPDX-License-Identifier: Apache-2.0
// The head of a Go file: package clause and imports, read without parsing the rest. Views into the text, one
// allocation for the list of imports.
//
// Two readings at once. go's direct reader is lenient: it stops at the first text that is no import, and
// imports seen before a syntax error count. Its package index uses the real parser: a syntax error in the
// header, or one import path that the parser refuses, and the file has no imports.
// Thread rule: pure functions. Spec: go-resolution.md 6.1, 6.4.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace larder::goscan {

struct Header {
  bool complete = true;                   // false: the text ended before the header did
  bool nul = false;                       // a NUL byte was read: "unexpected NUL in input"
  bool parses = true;                     // as the real parser sees the header
  std::string_view package;               // "" where there is no package clause
  std::vector<std::string_view> imports;  // string literals as written, quotes included
};

// With `whole` the text is all of the file; without it, a first part: a header that runs into its end is not
// complete, and the caller comes back with more.
Header read_header(std::string_view text, bool whole);

// The value of a Go string literal, interpreted or raw; nullopt for anything else.
std::optional<std::string> unquote(std::string_view literal);

// C and the packages of App Engine are no packages of any module.
bool is_pseudo_import(std::string_view path);

// The patterns of all //go:embed lines of a file, in order, unquoted. Strings and comments are passed over.
std::vector<std::string> embed_patterns(std::string_view text);

}  // namespace larder::goscan
