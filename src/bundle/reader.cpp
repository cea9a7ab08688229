// SPDX-License-Identifier: Apache-2.0
#include "bundle/reader.hpp"

#include <algorithm>
#include <condition_variable>
#include <list>
#include <mutex>
#include <unordered_map>

#include <fmt/format.h>

#include "base/text.hpp"
#include "bundle/threads.hpp"
#include "bundle/zstd_block.hpp"
#include "sys/files.hpp"
#include "sys/parallel.hpp"

namespace larder::bundle {
namespace {

constexpr std::string_view k_manifest = "manifest.json";
constexpr std::string_view k_signature = "manifest.json.minisig";
constexpr std::string_view k_signatures = "manifest.json.";
constexpr std::uint64_t k_max_signature = 64U << 10U;
constexpr std::uint64_t k_max_packed_table = k_max_entries + (2U << 20U);
constexpr std::size_t k_chunk = 1U << 20U;
Failure damaged(std::string what) {
  return fail(Kind::unverified, std::move(what));
}

Result<Digest> hash_member(int fd, const TarMember& member, const std::stop_token& stop) {
  Sha256 hash;
  std::vector<std::byte> chunk;
  for (std::uint64_t done = 0; done < member.size; done += chunk.size()) {
    if (stop.stop_requested()) return fail(Kind::cancelled, "stopped");
    chunk.resize(static_cast<std::size_t>(std::min<std::uint64_t>(k_chunk, member.size - done)));
    TRY(read_at(fd, member.offset + done, chunk));
    hash.update(chunk);
  }
  return hash.finish();
}

Result<void> check_known(const Manifest& manifest) {
  const bool delta = manifest.kind == BundleKind::delta;
  if (!delta && manifest.needs.empty()) return {};
  const std::string word = manifest.needs.empty() ? "delta" : manifest.needs.front();
  return fail(Kind::invalid,
              fmt::format("bundle needs {}, which this larder does not know (made by {})", quote(word),
                          quote(manifest.tool)),
              "use a newer larder");
}

}  // namespace

Result<Bundle> Bundle::open(const std::filesystem::path& path, const Trust& trust) {
  const auto info = TRY(sys::stat(path));
  if (!info) return fail(Kind::not_found, fmt::format("open {}: no such file", path.string()));
  if (!info->is_regular)
    return fail(Kind::invalid, fmt::format("open {}: not a regular file", path.string()));
  Bundle bundle;
  bundle.path_ = path;
  bundle.fd_ = TRY(sys::open_read(path));
  const auto load = [&]() -> Result<void> {
    bundle.tar_ = TRY(scan_tar(bundle.fd_.get(), info->size, k_max_members));
    TRY(bundle.load_manifest(trust));
    TRY(bundle.match_members());
    TRY(bundle.load_entries());
    return bundle.match_volumes();
  };
  if (auto done = load(); !done) return fail(std::move(done).error().with(path.string()));
  return bundle;
}

const TarMember* Bundle::find(std::string_view name) const {
  const auto at = std::ranges::find(tar_, name, &TarMember::name);
  return at == tar_.end() ? nullptr : &*at;
}

Result<std::vector<std::string>> Bundle::read_members(std::string_view role, std::uint64_t limit) const {
  std::vector<std::string> out;
  for (const Member& member : manifest_.members) {
    if (member.role != role) continue;
    const auto name = fmt::format("{}: {}", path_.string(), member.name);
    if (member.size > limit) return fail(Kind::invalid, name + " is too large");
    const TarMember* at = find(member.name);
    LARDER_ASSERT(at != nullptr);  // match_members() has seen it
    out.push_back(TRY(read_at(fd_.get(), at->offset, at->size)));
    if (sha256(out.back()) != member.sha256) return damaged(name + " does not match the manifest");
  }
  return out;
}

Result<void> Bundle::load_manifest(const Trust& trust) {
  const TarMember* manifest = find(k_manifest);
  if (manifest == nullptr || manifest->size > k_max_manifest) {
    return damaged("not a bundle: no manifest.json, or one that is too large");
  }
  const std::string text = TRY(read_at(fd_.get(), manifest->offset, manifest->size));
  if (!trust.anyone) {
    const TarMember* signature = find(k_signature);
    if (signature == nullptr || signature->size > k_max_signature) {
      return damaged("the bundle is not signed: no manifest.json.minisig");
    }
    const std::string minisig = TRY(read_at(fd_.get(), signature->offset, signature->size));
    signer_ = TRY(verify_signature(as_bytes(text), minisig, trust.keys));
  }
  manifest_ = TRY(parse_manifest(text));
  return check_known(manifest_);
}

// Every member of the container is in the manifest or a signature, and the other way round.
Result<void> Bundle::match_members() {
  std::unordered_map<std::string_view, std::uint64_t> sizes;
  for (const TarMember& member : tar_) {
    if (member.name == k_manifest) continue;
    if (!member.name.starts_with(k_signatures)) {
      sizes.emplace(member.name, member.size);
    } else if (member.size > k_max_signature) {
      return damaged(fmt::format("{} is too large", member.name));
    }
  }
  for (const Member& member : manifest_.members) {
    const auto at = sizes.find(member.name);
    if (at == sizes.end()) return damaged(fmt::format("{} is missing", member.name));
    if (at->second != member.size) {
      return damaged(
          fmt::format("{} has {} bytes, the manifest says {}", member.name, at->second, member.size));
    }
    sizes.erase(at);
  }
  if (sizes.empty()) return {};
  return damaged(fmt::format("{} is not in the manifest", sizes.begin()->first));
}

Result<void> Bundle::load_entries() {
  const auto listed = std::ranges::find(manifest_.members, "entries", &Member::role);
  const TarMember* member = find(listed->name);  // both are there: parse_manifest, match_members
  if (member->size > k_max_packed_table || manifest_.entries_size > k_max_entries) {
    return fail(Kind::invalid, fmt::format("{} is too large", member->name));
  }
  const std::string packed = TRY(read_at(fd_.get(), member->offset, member->size));
  if (sha256(packed) != listed->sha256) {
    return damaged(fmt::format("{} (byte {}) does not match its SHA-256", member->name, member->offset));
  }
  std::string text(static_cast<std::size_t>(manifest_.entries_size), '\0');
  TRY(decompress(as_bytes(packed), std::as_writable_bytes(std::span(text))).context(member->name));
  entries_ = TRY(parse_entries(std::move(text)));
  Counts counts = count(entries_);
  counts.zip_bytes = manifest_.counts.zip_bytes;
  const bool equal = entries_.passed_over > 0 || counts == manifest_.counts;
  if (!equal) return fail(Kind::invalid, "manifest.json: counts do not match the entry table");
  return {};
}

// The volumes of the table are the manifest's, and their blocks fill them.
Result<void> Bundle::match_volumes() {
  std::vector<std::uint64_t> sizes(entries_.volumes.size(), 0);
  for (const Block& block : entries_.blocks) sizes[block.volume] += block.packed;
  std::size_t number = 0;
  for (const Member& member : manifest_.members) {
    if (member.role != "volume") continue;
    if (number == sizes.size() || entries_.volumes[number] != member.name || sizes[number] != member.size) {
      return fail(Kind::invalid, fmt::format("{} does not match the entry table", member.name));
    }
    ++number;
    volume_at_.push_back(static_cast<std::size_t>(find(member.name) - tar_.data()));
  }
  if (number != sizes.size())
    return fail(Kind::invalid, "a volume of the entry table is not in the manifest");
  return {};
}

Result<void> Bundle::check_members(const std::stop_token& stop) const {
  std::vector<std::optional<Error>> errors(manifest_.members.size());
  sys::parallel_for(errors.size(), threads_for(0), stop, [&](std::size_t i) {
    const Member& listed = manifest_.members[i];
    const TarMember& member = *find(listed.name);
    auto digest = hash_member(fd_.get(), member, stop);
    if (!digest) {
      errors[i] = std::move(digest).error();
    } else if (*digest != listed.sha256) {
      errors[i] = Error(Kind::unverified,
                        fmt::format("{}: {} (bytes {} to {}) does not match its SHA-256", path_.string(),
                                    member.name, member.offset, member.offset + member.size));
    }
  });
  if (stop.stop_requested()) return fail(Kind::cancelled, "stopped");
  std::vector<std::string> texts;
  std::optional<Kind> kind;
  for (const auto& error : errors) {
    if (!error) continue;
    texts.push_back(error->message());
    if (!kind || error->kind() == Kind::unverified) kind = error->kind();
  }
  if (kind) return fail(*kind, join(texts, "\n"), "nothing was imported; copy the bundle again");
  return {};
}

// The cache. A block that one thread decompresses is waited for by the others.
struct BlobReader::State {
  struct Slot {
    BlockData data;  // null while it is being read
    std::list<std::uint32_t>::iterator use;
  };

  const Bundle& bundle;
  const std::uint64_t capacity;
  std::mutex mutex;
  std::condition_variable ready;
  std::unordered_map<std::uint32_t, Slot> slots;
  std::list<std::uint32_t> uses;  // last used first
  std::uint64_t held = 0;         // bytes

  State(const Bundle& b, std::uint64_t bytes) : bundle(b), capacity(bytes) {}

  // Cached data, or null after taking the task to read it.
  BlockData find_or_begin(std::uint32_t number) {
    std::unique_lock lock(mutex);
    while (true) {
      const auto at = slots.find(number);
      if (at == slots.end()) {
        uses.push_front(number);
        slots.emplace(number, Slot{.data = nullptr, .use = uses.begin()});
        return nullptr;
      }
      if (at->second.data != nullptr) {
        uses.splice(uses.begin(), uses, at->second.use);
        return at->second.data;
      }
      ready.wait(lock);
    }
  }

  // Ends the task; null after a failure, so that the next one who asks tries again.
  void finish(std::uint32_t number, BlockData data) {
    const std::lock_guard lock(mutex);
    const auto at = slots.find(number);
    if (data == nullptr) {
      uses.erase(at->second.use);
      slots.erase(at);
    } else {
      held += data->size();
      at->second.data = std::move(data);
      evict();
    }
    ready.notify_all();
  }

  void evict() {
    for (auto use = uses.end(); held > capacity && use != uses.begin();) {
      --use;
      const auto at = slots.find(*use);
      if (at->second.data == nullptr || use == uses.begin()) continue;
      held -= at->second.data->size();
      slots.erase(at);
      use = uses.erase(use);
    }
  }

  Result<BlockData> read(std::uint32_t number) const;
};

Result<BlobReader::BlockData> BlobReader::State::read(std::uint32_t number) const {
  const Block& block = bundle.entries_.blocks[number];
  const TarMember& volume = bundle.tar_[bundle.volume_at_[block.volume]];
  const std::uint64_t at = volume.offset + block.offset;
  const std::string packed = TRY(read_at(bundle.fd_.get(), at, block.packed));
  const auto data = std::make_shared<std::vector<std::byte>>(block.raw);
  const auto where = [&] { return fmt::format("{}: {} (byte {})", bundle.path_.string(), volume.name, at); };
  if (auto done = decompress(as_bytes(packed), *data); !done)
    return fail(std::move(done).error().with(where()));
  for (std::uint32_t b = block.first_blob; b < block.first_blob + block.blobs; ++b) {
    const Blob& blob = bundle.entries_.blobs[b];
    if (sha256(Bytes(*data).subspan(blob.offset, blob.size)) != blob.digest) {
      return damaged(fmt::format("{}: blob {} does not match its SHA-256", where(), b));
    }
  }
  return BlockData(data);
}

BlobReader::BlobReader(const Bundle& bundle, std::uint64_t cache_bytes)
    : state_(std::make_unique<State>(bundle, cache_bytes)) {}
BlobReader::~BlobReader() = default;

Result<BlobReader::BlockData> BlobReader::block(std::uint32_t number) {
  if (auto cached = state_->find_or_begin(number)) return cached;
  auto data = state_->read(number);
  state_->finish(number, data ? *data : nullptr);
  return data;
}

Result<Bytes> BlobReader::blob(std::uint32_t number, BlockData& hold) {
  const Blob& blob = state_->bundle.entries().blobs[number];
  hold = TRY(block(blob.block));
  return Bytes(*hold).subspan(blob.offset, blob.size);
}

Result<std::string> BlobReader::content(Content content, std::uint64_t limit) {
  const Entries& entries = state_->bundle.entries();
  if (entries.size_of(content) > limit) return fail(Kind::invalid, fmt::format("more than {} bytes", limit));
  std::string out;
  for (const std::uint32_t piece : entries.pieces_of(content)) {
    BlockData hold;
    out += as_text(TRY(blob(piece, hold)));
  }
  return out;
}

Result<Digest> BlobReader::digest(Content content) {
  const Entries& entries = state_->bundle.entries();
  const auto pieces = entries.pieces_of(content);
  if (pieces.size() == 1) return entries.blobs[pieces.front()].digest;
  Sha256 hash;
  for (const std::uint32_t piece : pieces) {
    BlockData hold;
    hash.update(TRY(blob(piece, hold)));
  }
  return hash.finish();
}

}  // namespace larder::bundle
