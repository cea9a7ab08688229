// SPDX-License-Identifier: Apache-2.0
// Opens a bundle. Order of trust: the container's structure, the signature over the manifest, then only what
// the manifest vouches for. Every size is bounded before memory is taken, and every byte that is handed out
// has been compared with its SHA-256, each time it was read: the medium may change under us.
//
// Thread rule: a Bundle is immutable, a BlobReader may be shared; both from any thread.
// Format: docs/formats/bundle.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "bundle/entries.hpp"
#include "bundle/keys.hpp"
#include "bundle/manifest.hpp"
#include "bundle/progress.hpp"
#include "bundle/tar.hpp"
#include "sys/fd.hpp"

namespace larder::bundle {

struct Trust {
  std::vector<PublicKey> keys;
  bool anyone = false;  // only to look: no signature is checked
};

class Bundle {
 public:
  // Structure, signature, manifest, entry table. The volumes are only looked at by check_members() and
  // BlobReader. Damage and distrust are Kind::unverified, a newer format is Kind::invalid.
  static Result<Bundle> open(const std::filesystem::path& path, const Trust& trust);

  const std::filesystem::path& path() const { return path_; }
  const Manifest& manifest() const { return manifest_; }
  const Entries& entries() const { return entries_; }
  const std::optional<Verified>& signer() const { return signer_; }  // nullopt: nobody asked

  // SHA-256 of every member against the manifest; the error lists all that differ.
  Result<void> check_members(const std::stop_token& stop = {}) const;

  // Contents of all members of a role, compared with the manifest's hashes. Kind::invalid where one has more
  // than `limit` bytes.
  Result<std::vector<std::string>> read_members(std::string_view role, std::uint64_t limit) const;

 private:
  friend class BlobReader;
  Bundle() = default;
  Result<void> load_manifest(const Trust& trust);
  Result<void> match_members();
  Result<void> load_entries();
  Result<void> match_volumes();
  const TarMember* find(std::string_view name) const;

  std::filesystem::path path_;
  sys::Fd fd_;
  std::vector<TarMember> tar_;
  std::vector<std::size_t> volume_at_;  // index into tar_ for each volume of the entry table
  Manifest manifest_;
  Entries entries_;
  std::optional<Verified> signer_;
};

// Decompresses blocks on demand and keeps the last used ones.
class BlobReader {
 public:
  explicit BlobReader(const Bundle& bundle, std::uint64_t cache_bytes = 128U << 20U);
  ~BlobReader();
  BlobReader(const BlobReader&) = delete;
  BlobReader& operator=(const BlobReader&) = delete;

  // One decompressed block whose blobs all match their digests.
  using BlockData = std::shared_ptr<const std::vector<std::byte>>;
  Result<BlockData> block(std::uint32_t number);
  // A view of one blob; `hold` keeps it alive.
  Result<Bytes> blob(std::uint32_t number, BlockData& hold);
  // A whole content, of at most `limit` bytes.
  Result<std::string> content(Content content, std::uint64_t limit);
  // SHA-256 of a content: known from the table when it is one blob.
  Result<Digest> digest(Content content);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The manifest's root is that of the entry table's modules.
Result<void> check_root(const Bundle& bundle, BlobReader& reader);

struct VerifyReport {
  std::uint64_t modules = 0;
  std::uint64_t files = 0;
  std::uint64_t raw_bytes = 0;
};

struct VerifyOptions {
  unsigned threads = 0;  // 0: as many as are worth it, at most 4
  OnProgress progress;
};

// Everything unpack checks, with nothing written: members, blobs, module hashes, totals, root. The error
// lists all modules that fail.
Result<VerifyReport> verify(const Bundle& bundle, const VerifyOptions& options,
                            const std::stop_token& stop = {});

}  // namespace larder::bundle
