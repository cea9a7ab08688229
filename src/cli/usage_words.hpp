// SPDX-License-Identifier: Apache-2.0
// What is said of a command line that cannot be used: the library that parses it has words of its own, which
// name its types, not the user's. Thread rule: free functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace larder::cli {

std::string in_our_words(const CLI::ParseError& error, const CLI::App& app,
                         const std::vector<std::string>& words);

// An empty argument: a variable of a script that is not set. nullopt: there is none.
std::optional<std::string> empty_word(const std::vector<std::string>& words);

// Of a command that runs another one, without "--": the words look as if they began with that one. nullopt:
// they do not.
std::optional<std::string> no_dashes(std::string_view command, const std::vector<std::string>& words);

}  // namespace larder::cli
