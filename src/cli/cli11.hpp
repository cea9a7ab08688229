// SPDX-License-Identifier: Apache-2.0
// CLI11, without the start-up cost of <iostream>.
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

#include <CLI/CLI.hpp>
