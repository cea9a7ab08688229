// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include <libdeflate.h>

#include "modzip/archive.hpp"

namespace larder::modzip {

namespace {
constexpr std::size_t k_smallest = std::size_t{256} << 10U;
// Above this, growth is exact: doubling would waste memory on the few huge files.
constexpr std::size_t k_exact_above = std::size_t{8} << 20U;
}  // namespace

Scratch::Scratch() = default;

Scratch::~Scratch() {
  libdeflate_free_decompressor(static_cast<libdeflate_decompressor*>(decoder_));
}

Scratch::Scratch(Scratch&& other) noexcept
    : decoder_(std::exchange(other.decoder_, nullptr)),
      memory_(std::move(other.memory_)),
      capacity_(std::exchange(other.capacity_, 0)) {}

Scratch& Scratch::operator=(Scratch&& other) noexcept {
  std::swap(decoder_, other.decoder_);
  std::swap(memory_, other.memory_);
  std::swap(capacity_, other.capacity_);
  return *this;
}

std::span<std::byte> Scratch::reserve(std::size_t size) {
  if (size > capacity_ || !memory_) {
    const std::size_t doubled = std::min(capacity_ * 2, k_exact_above);
    memory_.reset();  // before the new one is made: never both
    capacity_ = std::max({size, doubled, k_smallest});
    memory_ = std::make_unique_for_overwrite<std::byte[]>(capacity_);
  }
  return {memory_.get(), capacity_};
}

void Scratch::shrink(std::size_t keep) {
  if (capacity_ <= keep) return;
  memory_.reset();
  capacity_ = 0;
}

Scratch& Scratch::of_thread() {
  thread_local Scratch scratch;
  return scratch;
}

}  // namespace larder::modzip
