// SPDX-License-Identifier: Apache-2.0
// CLI11, without what it would do before main in each object that includes it.
//
// CLI11 names std::cout and std::cerr for messages that Larder never lets it print. With libstdc++ 12,
// <iostream> makes every object that includes it set up eight streams and their locales before main: 80 µs of
// each command, whatever it does (docs/decisions/0031). So its guard is set, and what CLI11 needs of it
// declared. A build with another library takes CLI11 as it is.
#pragma once

#include <istream>
#include <ostream>

#if defined(__GLIBCXX__) && !defined(_GLIBCXX_IOSTREAM)
#define _GLIBCXX_IOSTREAM 1  // NOLINT: the guard of libstdc++'s own header
namespace std {              // NOLINT(cert-dcl58-cpp): the same declarations as there
extern ostream cout;
extern ostream cerr;
}  // namespace std
#endif

// Its ready-made validators are objects, too: eight in each object that includes it, 30 µs of each command in
// all, and Larder uses none. Under these names their definitions declare functions that nobody calls.
// NOLINTBEGIN(cppcoreguidelines-macro-usage)
#define ExistingFile unused_existing_file()
#define ExistingDirectory unused_existing_directory()
#define ExistingPath unused_existing_path()
#define NonexistentPath unused_nonexistent_path()
#define ValidIPV4 unused_ipv4()
#define Number(name) unused_number()
#define NonNegativeNumber(max, name) unused_non_negative_number()
#define PositiveNumber(min, max, name) unused_positive_number()
// NOLINTEND(cppcoreguidelines-macro-usage)

#include <CLI/CLI.hpp>

#undef ExistingFile
#undef ExistingDirectory
#undef ExistingPath
#undef NonexistentPath
#undef ValidIPV4
#undef Number
#undef NonNegativeNumber
#undef PositiveNumber
