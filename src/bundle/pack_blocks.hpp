// SPDX-License-Identifier: Apache-2.0
// Carries out a plan: reads and hashes every item once, drops what was seen before, compresses the rest into
// blocks. Jobs run on several threads, but contents are numbered and blocks written in the order of the plan:
// equal input gives equal bytes, however many threads there are.
//
// Thread rule: run() once, from one thread; it starts its own.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <unordered_map>
#include <vector>

#include "bundle/entries.hpp"
#include "bundle/pack_plan.hpp"
#include "bundle/pack_sources.hpp"
#include "bundle/spool.hpp"
#include "bundle/zstd_block.hpp"
#include "sys/parallel.hpp"

namespace larder::bundle {

// Lets jobs pass one after the other, by number.
class Turnstile {
 public:
  void wait(std::size_t turn);
  void leave(std::size_t turn);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t next_ = 0;
};

class BlockPacker {
 public:
  BlockPacker(const store::GoModules& from, Plan& plan, const PackOptions& options, Spool& spool);
  ~BlockPacker();
  BlockPacker(const BlockPacker&) = delete;
  BlockPacker& operator=(const BlockPacker&) = delete;

  // Modules that fail get their Plan error and do not end the work; an error of the spool, or a stop, does.
  Result<void> run(unsigned threads, const std::stop_token& stop);

  // Blobs of one part of a module, and the SHA-256 of the whole; after run(), for modules without error.
  std::span<const std::uint32_t> blobs_of(std::uint32_t module, std::uint32_t part) const;
  Digest digest_of(std::uint32_t module, std::uint32_t part) const;

  // Filled by run().
  std::vector<Block>& blocks() { return blocks_; }
  std::vector<Blob>& blobs() { return blobs_; }

 private:
  struct Worker;
  struct Piece;
  struct Emission;
  class Turn;

  Result<void> run_job(std::size_t number, Worker& worker);
  Result<void> run_big_job(std::size_t number, Worker& worker);
  std::optional<Bytes> read(const Item& item, Worker& worker);
  void hash_item(const Item& item, Worker& worker);
  void admit(Worker& worker);
  void reread(Piece& piece, Worker& worker);
  std::uint32_t number_blob(const Digest& digest, std::uint32_t size);
  Result<void> emit(std::uint32_t block, Bytes raw, Worker& worker, Turn& writing);
  void fail_module(std::uint32_t module, Error error);
  bool gave_up();
  void advance(std::uint64_t bytes);
  std::size_t slot(std::uint32_t module, std::uint32_t part) const;
  std::unique_ptr<Worker> take_worker();

  const store::GoModules& from_;
  Plan& plan_;
  const PackOptions& options_;
  Spool& spool_;
  Turnstile admission_;
  Turnstile writing_;
  sys::Sync<std::vector<std::unique_ptr<Worker>>> idle_;
  std::mutex mutex_;  // of all below, while run() runs
  std::vector<Block> blocks_;
  std::vector<Blob> blobs_;
  std::unordered_map<Digest, std::uint32_t> numbers_;
  std::vector<std::size_t> slots_;  // where each module's parts begin in first_blob_
  std::vector<std::uint32_t> first_blob_;
  struct Long {  // a content of several blobs
    std::vector<std::uint32_t> blobs;
    Digest digest;
  };
  std::unordered_map<std::size_t, Long> long_;  // by slot
  Progress progress_;
  std::optional<Error> fatal_;
};

}  // namespace larder::bundle
