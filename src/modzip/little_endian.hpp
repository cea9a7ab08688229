// SPDX-License-Identifier: Apache-2.0
// Little-endian numbers at any place of a byte string. Reading outside of it is a bug and aborts.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/digest.hpp"
#include "base/result.hpp"

namespace larder::modzip {

template <std::unsigned_integral T>
T load(Bytes bytes, std::size_t at) {
  LARDER_ASSERT(at <= bytes.size() && bytes.size() - at >= sizeof(T));
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value |= std::uint64_t{std::to_integer<std::uint8_t>(bytes[at + i])} << (8 * i);
  }
  return static_cast<T>(value);
}

template <std::unsigned_integral T>
void store(std::string& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    out += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xFFU);
  }
}

}  // namespace larder::modzip
