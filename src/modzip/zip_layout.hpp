// SPDX-License-Identifier: Apache-2.0
// Signatures, lengths and bits of the zip format, for its reader and its writer. Lengths in bytes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace larder::modzip {

inline constexpr std::uint32_t k_local_signature = 0x04034B50;
inline constexpr std::uint32_t k_central_signature = 0x02014B50;
inline constexpr std::uint32_t k_end_signature = 0x06054B50;
inline constexpr std::uint32_t k_end64_signature = 0x06064B50;
inline constexpr std::uint32_t k_locator64_signature = 0x07064B50;
inline constexpr std::uint32_t k_descriptor_signature = 0x08074B50;

inline constexpr std::size_t k_local_length = 30;  // each without its variable parts
inline constexpr std::size_t k_central_length = 46;
inline constexpr std::size_t k_end_length = 22;
inline constexpr std::size_t k_end64_length = 56;
inline constexpr std::size_t k_locator64_length = 20;

inline constexpr std::uint16_t k_flag_encrypted = 0x0001;
inline constexpr std::uint16_t k_flag_descriptor = 0x0008;
inline constexpr std::uint16_t k_flag_patch = 0x0020;
inline constexpr std::uint16_t k_flag_strong_encryption = 0x0040;
inline constexpr std::uint16_t k_flag_utf8 = 0x0800;
inline constexpr std::uint16_t k_flag_masked = 0x2000;

inline constexpr std::uint16_t k_extra_zip64 = 0x0001;

inline constexpr std::uint16_t k_max16 = 0xFFFF;  // "see the zip64 record"
inline constexpr std::uint32_t k_max32 = 0xFFFFFFFF;

}  // namespace larder::modzip
