// SPDX-License-Identifier: Apache-2.0
#include "bundle/zstd_block.hpp"

#include <fmt/format.h>
#include <zstd.h>

namespace larder::bundle {
namespace {

constexpr int k_window_log = 25;  // a whole block

Failure bad_frame(std::string_view why) {
  return fail(Kind::unverified, fmt::format("damaged block: {}", why));
}

struct DecoderDeleter {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

ZSTD_DCtx* decoder_of_thread() {
  thread_local const std::unique_ptr<ZSTD_DCtx, DecoderDeleter> decoder(ZSTD_createDCtx());
  return decoder.get();
}

}  // namespace

struct Compressor::State {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  std::vector<std::byte> out;

  State() = default;
  ~State() { ZSTD_freeCCtx(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

// Long-distance matching: at low levels zstd's own window is 2 MiB, and the next version of a file is often
// further away than that.
Compressor::Compressor(int level) : state_(std::make_unique<State>()) {
  LARDER_ASSERT(state_->context != nullptr);
  ZSTD_CCtx_setParameter(state_->context, ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(state_->context, ZSTD_c_enableLongDistanceMatching, 1);
  ZSTD_CCtx_setParameter(state_->context, ZSTD_c_windowLog, k_window_log);
}
Compressor::~Compressor() = default;
Compressor::Compressor(Compressor&& other) noexcept = default;

Result<Bytes> Compressor::compress(Bytes raw) {
  state_->out.resize(ZSTD_compressBound(raw.size()));
  const std::size_t n =
      ZSTD_compress2(state_->context, state_->out.data(), state_->out.size(), raw.data(), raw.size());
  if (ZSTD_isError(n) != 0) return fail(Kind::internal, fmt::format("zstd: {}", ZSTD_getErrorName(n)));
  return Bytes(state_->out).first(n);
}

Result<void> decompress(Bytes frame, std::span<std::byte> out) {
  if (ZSTD_getFrameContentSize(frame.data(), frame.size()) != out.size()) return bad_frame("size differs");
  if (ZSTD_findFrameCompressedSize(frame.data(), frame.size()) != frame.size()) {
    return bad_frame("not one zstd frame");
  }
  if (ZSTD_getDictID_fromFrame(frame.data(), frame.size()) != 0) return bad_frame("needs a dictionary");
  const std::size_t n =
      ZSTD_decompressDCtx(decoder_of_thread(), out.data(), out.size(), frame.data(), frame.size());
  if (ZSTD_isError(n) != 0) return bad_frame(ZSTD_getErrorName(n));
  if (n != out.size()) return bad_frame("size differs");
  return {};
}

}  // namespace larder::bundle
