// SPDX-License-Identifier: Apache-2.0
// One block = one zstd frame that states its size. The only place that sees zstd.
// Thread rule: a Compressor belongs to one thread; decompress may be called from any.
// Format: docs/formats/bundle.md, "Entry table".
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "base/digest.hpp"
#include "base/result.hpp"

namespace larder::bundle {

class Compressor {
 public:
  explicit Compressor(int level);
  ~Compressor();
  Compressor(Compressor&& other) noexcept;
  Compressor& operator=(Compressor&&) = delete;

  // The frame; valid until the next call.
  Result<Bytes> compress(Bytes raw);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Exactly one frame that fills `out` exactly, without a dictionary; else Kind::unverified. Writes nowhere
// else and takes no memory that depends on the frame.
Result<void> decompress(Bytes frame, std::span<std::byte> out);

}  // namespace larder::bundle
