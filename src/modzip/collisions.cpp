// SPDX-License-Identifier: Apache-2.0
#include "modzip/collisions.hpp"

#include <bit>
#include <random>

#include <fmt/format.h>

#include "base/text.hpp"
#include "modzip/fold.hpp"
#include "modzip/paths.hpp"

namespace larder::modzip {

namespace {

// Seeded, so that nobody can prepare a zip whose names all fall into one chain.
std::uint64_t seed() {
  static const std::uint64_t value = [] {
    std::random_device device;
    return std::uint64_t{device()} << 32U | device() | 1U;
  }();
  return value;
}

std::uint64_t mix(std::uint64_t h) {
  h ^= h >> 32U;
  h *= 0xD6E8FEB86659FD93U;
  return h ^ h >> 29U;
}

std::uint64_t hash_folded(std::string_view path) {
  const std::uint64_t secret = seed();
  std::uint64_t h = mix(secret);
  for (FoldedRunes runes(path); !runes.done();) {
    h = (std::rotl(h, 5) ^ runes.next()) * (secret | 1U);
  }
  return mix(h);
}

}  // namespace

Collisions::Collisions(std::size_t expected_paths) : slots_(std::bit_ceil(expected_paths * 3 + 16)) {}

Collisions::Slot& Collisions::find(std::uint64_t hash, std::string_view path) {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
    Slot& slot = slots_[at];
    if (slot.path.data() == nullptr) return slot;
    if (slot.hash == hash && (slot.path == path || equal_folded(slot.path, path))) return slot;
  }
}

void Collisions::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.path.data() != nullptr) find(slot.hash, slot.path) = slot;
  }
}

Collisions::Step Collisions::add_one(std::string_view path, bool is_directory, std::string& reason) {
  if (used_ * 2 >= slots_.size()) grow();
  const std::uint64_t hash = hash_folded(path);
  Slot& slot = find(hash, path);
  if (slot.path.data() == nullptr) {
    slot = {.hash = hash, .path = path, .is_directory = is_directory};
    ++used_;
    return Step::inserted;
  }
  if (slot.path != path) {
    reason = fmt::format("case-insensitive file name collision: {} and {}", quote(slot.path), quote(path));
  } else if (slot.is_directory != is_directory) {
    reason = fmt::format("entry {} is both a file and a directory", quote(path));
  } else if (!is_directory) {
    reason = fmt::format("multiple entries for file {}", quote(path));
  } else {
    return Step::present;
  }
  return Step::collision;
}

std::optional<std::string> Collisions::add(std::string_view path, bool is_directory) {
  std::string reason;
  const std::string_view first_parent = parent_of(path);
  Step step = add_one(path, is_directory, reason);
  // A directory that is present has its parents present too, unless there were collisions: then go reports
  // the parents' collision again for each file below, and so do we.
  for (auto p = first_parent; step != Step::collision && !p.empty(); p = parent_of(p)) {
    if (clean_ && (step == Step::present || p == last_parent_)) break;
    step = add_one(p, true, reason);
  }
  if (step == Step::collision) {
    clean_ = false;
    return reason;
  }
  last_parent_ = first_parent;
  return std::nullopt;
}

}  // namespace larder::modzip
