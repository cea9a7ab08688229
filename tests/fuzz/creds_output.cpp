// SPDX-License-Identifier: Apache-2.0
// What GOAUTH commands and git print: headers that could end a request's head never come out, and no message
// repeats what was printed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/quoted.hpp"
#include "creds/command_output.hpp"

using namespace larder::creds;

namespace {
void check(bool holds) {
  if (!holds) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto grants = parse_command_output(text)) {
    for (const auto& grant : *grants) {
      for (const auto& [name, value] : grant.headers) {
        check(is_header_name(name));
        check(value.find_first_of("\r\n") == std::string::npos);
      }
    }
  } else {
    check(grants.error().message().size() < 100);
  }
  const auto git = parse_git_credential(text);
  check(git.prefix.find('\n') == std::string::npos);
  if (const auto words = larder::split_quoted(text)) {
    std::size_t length = 0;
    for (const auto& word : *words) length += word.size();
    check(length <= text.size());
  }
  return 0;
}
