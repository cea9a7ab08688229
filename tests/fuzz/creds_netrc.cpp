// SPDX-License-Identifier: Apache-2.0
// .netrc: every entry is complete and can be found under its machine.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "creds/netrc.hpp"

using namespace larder::creds;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto netrc = Netrc::parse({reinterpret_cast<const char*>(data), size});
  for (const auto& entry : netrc.entries()) {
    if (entry.machine.empty() || entry.login.empty() || entry.password.empty()) std::abort();
    const auto* found = netrc.find(entry.machine);
    if (!found || found->machine != entry.machine) std::abort();
  }
  return 0;
}
