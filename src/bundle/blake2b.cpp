// SPDX-License-Identifier: Apache-2.0
#include "bundle/blake2b.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

#include "base/result.hpp"

namespace larder::bundle {
namespace {

using Words = std::array<std::uint64_t, 16>;
using State = std::array<std::uint64_t, 8>;

constexpr std::size_t k_block = 128;

// Fractional parts of the square roots of the first eight primes (RFC 7693, 2.6).
constexpr State k_iv{0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
                     0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};

// Message word schedule (2.7); rounds 10 and 11 repeat 0 and 1.
constexpr std::array<std::array<std::uint8_t, 16>, 10> k_sigma{{
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
}};
// The columns, then the diagonals, that one round mixes.
constexpr std::array<std::array<std::uint8_t, 4>, 8> k_mix{{{0, 4, 8, 12},
                                                            {1, 5, 9, 13},
                                                            {2, 6, 10, 14},
                                                            {3, 7, 11, 15},
                                                            {0, 5, 10, 15},
                                                            {1, 6, 11, 12},
                                                            {2, 7, 8, 13},
                                                            {3, 4, 9, 14}}};

void mix(Words& v, const std::array<std::uint8_t, 4>& at, std::uint64_t x, std::uint64_t y) {
  std::uint64_t &a = v.at(at[0]), &b = v.at(at[1]), &c = v.at(at[2]), &d = v.at(at[3]);
  a += b + x;
  d = std::rotr(d ^ a, 32);
  c += d;
  b = std::rotr(b ^ c, 24);
  a += b + y;
  d = std::rotr(d ^ a, 16);
  c += d;
  b = std::rotr(b ^ c, 63);
}

void compress(State& h, Bytes block, std::uint64_t counted, bool last) {
  Words m{};
  for (std::size_t i = 0; i < k_block; ++i) {
    const std::uint64_t byte = i < block.size() ? static_cast<std::uint64_t>(block[i]) : 0;
    m.at(i / 8) |= byte << (8 * (i % 8));
  }
  Words v{};
  std::ranges::copy(h, v.begin());
  std::ranges::copy(k_iv, v.begin() + 8);
  v[12] ^= counted;  // messages above 2^64 bytes do not occur
  if (last) v[14] = ~v[14];
  for (std::size_t round = 0; round < 12; ++round) {
    const auto& s = k_sigma.at(round % 10);
    for (std::size_t i = 0; i < 8; ++i) mix(v, k_mix.at(i), m.at(s.at(2 * i)), m.at(s.at(2 * i + 1)));
  }
  for (std::size_t i = 0; i < 8; ++i) h.at(i) ^= v.at(i) ^ v.at(i + 8);
}

}  // namespace

std::string blake2b(Bytes message, std::size_t size) {
  LARDER_ASSERT(size >= 1 && size <= 64);
  State h = k_iv;
  h[0] ^= 0x01010000U ^ size;
  std::uint64_t counted = 0;
  while (message.size() - counted > k_block) {
    counted += k_block;
    compress(h, message.subspan(counted - k_block, k_block), counted, false);
  }
  compress(h, message.subspan(counted), message.size(), true);
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(h.at(i / 8) >> (8 * (i % 8)) & 0xffU);
  return out;
}

}  // namespace larder::bundle
