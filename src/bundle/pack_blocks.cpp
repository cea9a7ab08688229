// SPDX-License-Identifier: Apache-2.0
#include "bundle/pack_blocks.hpp"

#include <algorithm>
#include <utility>

namespace larder::bundle {
namespace {
constexpr std::uint32_t k_no_blob = UINT32_MAX;

// Calls visit(piece) for each run of at most k_max_blob bytes; once for empty content.
template <class Visit>
void for_each_piece(Bytes bytes, const Visit& visit) {
  do {
    const std::size_t n = std::min<std::size_t>(bytes.size(), k_max_blob);
    visit(bytes.first(n));
    bytes = bytes.subspan(n);
  } while (!bytes.empty());
}
}  // namespace

void Turnstile::wait(std::size_t turn) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return next_ == turn; });
}

void Turnstile::leave(std::size_t turn) {
  const std::lock_guard lock(mutex_);
  LARDER_ASSERT(next_ == turn);
  next_ = turn + 1;
  changed_.notify_all();
}

// One job's passage through a turnstile. It is passed in any case, at the latest on destruction: others wait.
class BlockPacker::Turn {
 public:
  Turn(Turnstile& gate, std::size_t number) : gate_(gate), number_(number) {}
  ~Turn() { leave(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  void wait() {
    if (!std::exchange(waited_, true)) gate_.wait(number_);
  }
  void leave() {
    if (std::exchange(left_, true)) return;
    wait();
    gate_.leave(number_);
  }

 private:
  Turnstile& gate_;
  std::size_t number_;
  bool waited_ = false;
  bool left_ = false;
};

// A part of an item, hashed. Its bytes are in Worker::fresh, unless it is expected to be a repeat.
struct BlockPacker::Piece {
  Item item;
  std::size_t offset = 0;  // in the item
  Digest digest;
  std::uint32_t size = 0;
  std::optional<std::size_t> at;  // in Worker::fresh
};

// A block to be: bytes of Worker::fresh.
struct BlockPacker::Emission {
  std::uint32_t block = 0;
  std::vector<std::byte> raw;
};

struct BlockPacker::Worker {
  Worker(const store::GoModules& from, const Plan& plan, int level)
      : sources(from, plan), compressor(level) {}
  PackSources sources;
  Compressor compressor;
  std::vector<std::byte> fresh;
  std::vector<Piece> pieces;
  std::vector<Emission> emissions;
};

BlockPacker::BlockPacker(const store::GoModules& from, Plan& plan, const PackOptions& options, Spool& spool)
    : from_(from), plan_(plan), options_(options), spool_(spool) {
  std::size_t slots = 0;
  for (const SourceModule& source : plan.modules) {
    slots_.push_back(slots);
    slots += source.files.size() + 3;
  }
  first_blob_.assign(slots, k_no_blob);
  progress_.total = plan.total_bytes;
}

BlockPacker::~BlockPacker() = default;

std::size_t BlockPacker::slot(std::uint32_t module, std::uint32_t part) const {
  const std::size_t files = plan_.modules[module].files.size();
  return slots_[module] + (part >= k_part_zip ? files + (UINT32_MAX - part) : part);
}

std::span<const std::uint32_t> BlockPacker::blobs_of(std::uint32_t module, std::uint32_t part) const {
  const std::size_t at = slot(module, part);
  const auto several = long_.find(at);
  if (several != long_.end()) return several->second.blobs;
  LARDER_ASSERT(first_blob_[at] != k_no_blob);
  return std::span(first_blob_).subspan(at, 1);
}

Digest BlockPacker::digest_of(std::uint32_t module, std::uint32_t part) const {
  const auto several = long_.find(slot(module, part));
  return several != long_.end() ? several->second.digest : blobs_[blobs_of(module, part).front()].digest;
}

std::unique_ptr<BlockPacker::Worker> BlockPacker::take_worker() {
  auto idle = idle_.lock();
  if (idle->empty()) return std::make_unique<Worker>(from_, plan_, options_.level);
  auto worker = std::move(idle->back());
  idle->pop_back();
  return worker;
}

Result<void> BlockPacker::run(unsigned threads, const std::stop_token& stop) {
  sys::parallel_for(plan_.jobs.size(), threads, stop, [&](std::size_t number) {
    auto worker = take_worker();
    auto done = run_job(number, *worker);
    idle_.lock()->push_back(std::move(worker));
    const std::lock_guard lock(mutex_);
    if (!done && !fatal_) fatal_ = std::move(done).error();
  });
  idle_.lock()->clear();
  if (fatal_) return fail(*fatal_);
  if (stop.stop_requested()) return fail(Kind::cancelled, "packing was stopped");
  return {};
}

void BlockPacker::fail_module(std::uint32_t module, Error error) {
  const std::lock_guard lock(mutex_);
  SourceModule& source = plan_.modules[module];
  if (!source.error) source.error = std::move(error).with(source.module.str());
}

bool BlockPacker::gave_up() {
  const std::lock_guard lock(mutex_);
  return fatal_.has_value();
}

void BlockPacker::advance(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  progress_.done += bytes;
  if (options_.progress) options_.progress(progress_);
}

std::optional<Bytes> BlockPacker::read(const Item& item, Worker& worker) {
  auto bytes = worker.sources.read(item);
  if (bytes && bytes->size() != plan_.size_of(item)) {
    bytes = fail(Kind::unavailable, "changed while it was being packed");
  }
  if (bytes) return *bytes;
  fail_module(item.module, std::move(bytes).error());
  return std::nullopt;
}

// Hashes the pieces of an item and the whole; keeps the bytes of what may be new.
void BlockPacker::hash_item(const Item& item, Worker& worker) {
  const auto bytes = read(item, worker);
  if (!bytes) return;
  std::size_t offset = 0;
  for_each_piece(*bytes, [&](Bytes part) {
    Piece piece{.item = item,
                .offset = offset,
                .digest = sha256(part),
                .size = static_cast<std::uint32_t>(part.size()),
                .at = std::nullopt};
    offset += part.size();
    if (!item.repeat && bytes->size() <= k_max_blob) {
      piece.at = worker.fresh.size();
      worker.fresh.insert(worker.fresh.end(), part.begin(), part.end());
    }
    worker.pieces.push_back(piece);
  });
  if (bytes->size() > k_max_blob) {
    const Digest whole = sha256(*bytes);
    const std::lock_guard lock(mutex_);
    long_[slot(item.module, item.part)].digest = whole;
  }
}

// The number of a content; a new blob if there is none, UINT32_MAX if there is one already.
std::uint32_t BlockPacker::number_blob(const Digest& digest, std::uint32_t size) {
  const auto number = static_cast<std::uint32_t>(blobs_.size());
  if (!numbers_.try_emplace(digest, number).second) return k_no_blob;
  blobs_.push_back({.digest = digest, .size = size, .block = 0, .offset = 0});
  return number;
}

// A likely repeat that was none: two contents with one size and CRC-32.
void BlockPacker::reread(Piece& piece, Worker& worker) {
  const auto bytes = read(piece.item, worker);
  if (!bytes) return;
  const Bytes part = bytes->subspan(piece.offset, piece.size);
  if (sha256(part) != piece.digest) {
    fail_module(piece.item.module, Error(Kind::unavailable, "changed while it was being packed"));
    return;
  }
  piece.at = worker.fresh.size();
  worker.fresh.insert(worker.fresh.end(), part.begin(), part.end());
}

// In this job's turn: numbers new blobs, lays them out in blocks, notes which blobs each item has.
void BlockPacker::admit(Worker& worker) {
  worker.emissions.clear();
  for (Piece& piece : worker.pieces) {
    bool known = false;
    {
      const std::lock_guard lock(mutex_);
      known = numbers_.contains(piece.digest);
    }
    if (!known && !piece.at) reread(piece, worker);
    if (!known && !piece.at) continue;  // its module has failed
    const std::lock_guard lock(mutex_);
    const std::uint32_t fresh = number_blob(piece.digest, piece.size);
    if (fresh != k_no_blob) {
      if (worker.emissions.empty() || worker.emissions.back().raw.size() + piece.size > k_max_block) {
        worker.emissions.push_back({.block = static_cast<std::uint32_t>(blocks_.size()), .raw = {}});
        worker.emissions.back().raw.reserve(std::min<std::size_t>(worker.fresh.size(), k_max_block));
        blocks_.push_back({.first_blob = fresh});
      }
      Emission& emission = worker.emissions.back();
      Block& block = blocks_[emission.block];
      blobs_[fresh].block = emission.block;
      blobs_[fresh].offset = block.raw;
      block.raw += piece.size;
      ++block.blobs;
      const auto from = worker.fresh.begin() + static_cast<std::ptrdiff_t>(*piece.at);
      emission.raw.insert(emission.raw.end(), from, from + static_cast<std::ptrdiff_t>(piece.size));
    }
    const std::uint32_t number = numbers_.at(piece.digest);
    const std::size_t at = slot(piece.item.module, piece.item.part);
    if (plan_.size_of(piece.item) > k_max_blob) {
      long_[at].blobs.push_back(number);
    } else {
      first_blob_[at] = number;
    }
  }
}

Result<void> BlockPacker::emit(std::uint32_t block, Bytes raw, Worker& worker, Turn& writing) {
  const Bytes packed = TRY(worker.compressor.compress(raw));
  writing.wait();
  const std::uint32_t volume = TRY(spool_.append(packed));
  const std::lock_guard lock(mutex_);
  blocks_[block].volume = volume;
  blocks_[block].packed = static_cast<std::uint32_t>(packed.size());
  return {};
}

Result<void> BlockPacker::run_job(std::size_t number, Worker& worker) {
  const Job& job = plan_.jobs[number];
  const std::span<const Item> items = std::span(plan_.items).subspan(job.first, job.count);
  if (items.size() == 1 && plan_.size_of(items[0]) > k_max_blob) return run_big_job(number, worker);
  Turn writing(writing_, number);
  Turn admission(admission_, number);
  if (gave_up()) return {};
  worker.pieces.clear();
  worker.fresh.clear();
  worker.fresh.reserve(k_max_block);  // growth by doubling would take twice as much
  std::uint64_t bytes = 0;
  for (const Item& item : items) {
    hash_item(item, worker);
    bytes += plan_.size_of(item);
  }
  admission.wait();
  admit(worker);
  admission.leave();
  for (Emission& emission : worker.emissions) {
    TRY(emit(emission.block, emission.raw, worker, writing));
    emission.raw = {};
  }
  advance(bytes);
  return {};
}

// A content of several blobs, each a block of its own. Nothing is copied: the bytes stay where they were
// read.
Result<void> BlockPacker::run_big_job(std::size_t number, Worker& worker) {
  Turn writing(writing_, number);
  Turn admission(admission_, number);
  if (gave_up()) return {};
  const Item item = plan_.items[plan_.jobs[number].first];
  const auto bytes = read(item, worker);
  if (!bytes) return {};
  const Digest whole = sha256(*bytes);
  std::vector<Digest> digests;
  for_each_piece(*bytes, [&](Bytes part) { digests.push_back(sha256(part)); });
  std::vector<std::pair<std::uint32_t, Bytes>> emissions;
  admission.wait();
  {
    const std::lock_guard lock(mutex_);
    Long& content = long_[slot(item.module, item.part)];
    content.digest = whole;
    std::size_t piece = 0;
    for_each_piece(*bytes, [&](Bytes part) {
      const Digest& digest = digests[piece++];
      const std::uint32_t fresh = number_blob(digest, static_cast<std::uint32_t>(part.size()));
      content.blobs.push_back(numbers_.at(digest));
      if (fresh == k_no_blob) return;
      const auto block = static_cast<std::uint32_t>(blocks_.size());
      blobs_[fresh].block = block;
      blocks_.push_back({.raw = static_cast<std::uint32_t>(part.size()), .first_blob = fresh, .blobs = 1});
      emissions.emplace_back(block, part);
    });
  }
  admission.leave();
  for (const auto& [block, part] : emissions) TRY(emit(block, part, worker, writing));
  advance(bytes->size());
  return {};
}

}  // namespace larder::bundle
