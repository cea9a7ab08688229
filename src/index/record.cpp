// SPDX-License-Identifier: Apache-2.0
#include "index/record.hpp"

#include <array>
#include <cstring>

namespace larder::index {

namespace {

constexpr std::string_view k_magic = "larderix";
constexpr std::uint32_t k_version = 2;

std::uint64_t mix(std::uint64_t value) {
  value ^= value >> 32U;
  value *= 0xd6e8feb86659fd93U;
  value ^= value >> 32U;
  return value;
}

// Finds damage, not malice: who may write here may as well write to the caches of go itself. SHA-256 would
// take longer than everything else that is done with the file.
std::uint64_t checksum(std::string_view bytes) {
  constexpr std::size_t k_lanes = 4;
  std::array<std::uint64_t, k_lanes> lane = {1, 2, 3, 4};
  while (bytes.size() >= sizeof lane) {
    std::array<std::uint64_t, k_lanes> word{};
    std::memcpy(word.data(), bytes.data(), sizeof word);
    for (std::size_t i = 0; i < k_lanes; ++i) lane.at(i) = (lane.at(i) ^ word.at(i)) * 0x9e3779b97f4a7c15U;
    for (auto& value : lane) value ^= value >> 29U;
    bytes.remove_prefix(sizeof lane);
  }
  std::uint64_t out = bytes.size();
  for (const auto value : lane) out = mix(out ^ value);
  for (const char c : bytes) out = mix(out ^ static_cast<unsigned char>(c));
  return out;
}

}  // namespace

std::uint64_t fingerprint(std::string_view bytes) {
  return checksum(bytes);
}

std::string seal(FileKind kind, std::string_view payload) {
  RecordWriter out;
  out.raw(k_magic);
  out.u32(k_version);
  out.u32(static_cast<std::uint32_t>(kind));
  out.u64(payload.size());
  out.u64(checksum(payload));
  out.raw(payload);
  return out.bytes();
}

std::optional<std::string_view> open_sealed(FileKind kind, std::string_view file) {
  RecordReader in(file);
  if (in.raw(k_magic.size()) != k_magic || in.u32() != k_version) return std::nullopt;
  if (in.u32() != static_cast<std::uint32_t>(kind)) return std::nullopt;
  const auto size = in.u64();
  const auto sum = in.u64();
  constexpr std::size_t k_head = 32;
  if (!in.ok() || file.size() - k_head != size) return std::nullopt;
  const auto payload = file.substr(k_head);
  if (checksum(payload) != sum) return std::nullopt;
  return payload;
}

std::string_view RecordReader::raw(std::size_t size) {
  if (size > rest_.size()) {
    ok_ = false;
    rest_ = {};
    return {};
  }
  const auto out = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return out;
}

std::uint32_t RecordReader::count(std::size_t each) {
  const auto out = u32();
  if (std::uint64_t{out} * each <= rest_.size()) return out;
  ok_ = false;
  return 0;
}

std::uint32_t StringsWriter::add(std::string_view text) {
  const auto [at, is_new] = numbers_.try_emplace(text, static_cast<std::uint32_t>(all_.size()));
  if (is_new) all_.push_back(text);
  return at->second;
}

void StringsWriter::write(RecordWriter& out) const {
  out.u32(static_cast<std::uint32_t>(all_.size()));
  std::uint32_t end = 0;
  for (const auto text : all_) {
    end += static_cast<std::uint32_t>(text.size());
    out.u32(end);
  }
  for (const auto text : all_) out.raw(text);
}

std::optional<Strings> Strings::read(RecordReader& in) {
  Strings out;
  out.count_ = in.count(k_number_size);
  out.ends_ = in.raw(std::size_t{out.count_} * k_number_size);
  if (!in.ok()) return std::nullopt;
  out.text_ = in.raw(out.count_ == 0 ? 0 : out.offset(out.count_ - 1));
  return in.ok() ? std::optional(out) : std::nullopt;
}

std::uint32_t Strings::offset(std::uint32_t number) const {
  return RecordReader(ends_.substr(std::size_t{number} * k_number_size, k_number_size)).u32();
}

std::optional<std::string_view> Strings::at(std::uint32_t number) const {
  if (number >= count_) return std::nullopt;
  const auto begin = number == 0 ? 0 : offset(number - 1);
  const auto end = offset(number);
  if (begin > end || end > text_.size()) return std::nullopt;
  return text_.substr(begin, end - begin);
}

std::optional<Table> Table::read(RecordReader& in, std::string_view payload, std::size_t place_size) {
  const auto strings = Strings::read(in);
  if (!strings) return std::nullopt;
  Table out;
  out.strings = *strings;
  out.count = in.count(place_size);
  out.places = in.raw(out.count * place_size);
  if (!in.ok()) return std::nullopt;
  const auto before = static_cast<std::size_t>(out.places.data() - payload.data());
  out.bodies = payload.substr(before + out.places.size());
  return out;
}

}  // namespace larder::index
