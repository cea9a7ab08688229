// SPDX-License-Identifier: Apache-2.0
// .info: what is accepted prints, and reads back as the same; so do the times in it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gomod/info.hpp"

using namespace larder::gomod;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto time = normal_time(text); time && normal_time(*time) != *time) std::abort();
  const auto info = parse_info(text);
  if (!info) return 0;
  const auto again = parse_info(print_info(*info));
  if (!again || *again != *info) std::abort();
  const auto cached = parse_info(cached_info(*info));
  if (!cached || cached->version != info->version || cached->time != info->time) std::abort();
  return 0;
}
