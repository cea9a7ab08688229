// SPDX-License-Identifier: Apache-2.0
// What the values of build flags must look like, for commands that do nothing with them: go refuses them
// there too. Each says why a value is none, in go's words; nullopt where it is one. Thread rule: pure.
// Spec: go-resolution.md 0.2.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace larder::cli {

using FlagFault = std::optional<std::string>;

FlagFault fault_of_integer(std::string_view value);      // -p: as Go writes them, 0x10, 1_000
FlagFault fault_of_compiler(std::string_view value);     // -compiler
FlagFault fault_of_cover_mode(std::string_view value);   // -covermode
FlagFault fault_of_words(std::string_view value);        // -toolexec: words with quotes
FlagFault fault_of_per_package(std::string_view value);  // -gcflags: [PATTERN=]words

// What go says of values that no flag can have, once all flags are read.
FlagFault fault_of_build_mode(std::string_view value);
FlagFault fault_of_parallel(std::string_view value);  // an integer

}  // namespace larder::cli
