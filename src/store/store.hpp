// SPDX-License-Identifier: Apache-2.0
// The Store port: named immutable objects under slash-separated keys, such as
// "go/example.com/!upper/@v/v1.0.0.zip" (layout: docs/formats/store.md). Twins: store/disk, store/memory.
//
// Invariants: an object is visible whole or not at all; put and commit replace atomically; readers never
// lock. Keys are relative, clean, without "." or ".." elements: anything else is Kind::invalid. Thread rule:
// a Store may be used from any thread at once; a Blob or Upload belongs to one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "base/result.hpp"

namespace larder::store {

// Equal ones mean the same bytes, as far as a file system can tell: every write and every replacement changes
// one of these.
struct ObjectInfo {
  std::uint64_t size = 0;      // bytes
  std::int64_t mtime_ns = 0;   // since the epoch
  std::uint64_t identity = 0;  // changes when the object is replaced (inode)
  std::int64_t ctime_ns = 0;   // changes with every write, also where mtime was set back
  std::uint64_t device = 0;    // on which `identity` is unique

  friend bool operator==(const ObjectInfo&, const ObjectInfo&) = default;
};

// An object open for reading. bytes() stays valid as long as the Blob lives, also if the object is replaced.
class Blob {
 public:
  virtual ~Blob() = default;
  virtual const ObjectInfo& info() const = 0;
  virtual Result<Bytes> bytes() = 0;
  // A descriptor for sendfile, owned by the Blob; nullopt where there is no file (memory, bucket).
  virtual std::optional<int> fd() const { return std::nullopt; }
};

// An object being written; invisible until commit(). Destruction without commit() leaves nothing behind.
class Upload {
 public:
  virtual ~Upload() = default;
  virtual Result<void> write(Bytes data) = 0;
  virtual Result<void> rewind() = 0;  // drop what was written, start anew
  virtual Result<std::unique_ptr<Blob>>
  read_back() = 0;                    // what was written so far, for checking before commit
  virtual Result<void> commit() = 0;  // durable when it returns
};

// Excludes other writers of the same key, also in other processes; released on destruction.
class WriteLock {
 public:
  virtual ~WriteLock() = default;
};

// For put_all.
struct Object {
  std::string key;
  Bytes data;
};

struct Child {
  std::string name;        // one element
  bool is_prefix = false;  // has keys below it
};

class Store {
 public:
  virtual ~Store() = default;
  // Absent is nullopt.
  virtual Result<std::optional<ObjectInfo>> stat(std::string_view key) = 0;
  virtual Result<std::unique_ptr<Blob>> open(std::string_view key) = 0;  // Kind::not_found when absent
  virtual Result<std::unique_ptr<Upload>> create(std::string_view key) = 0;
  virtual Result<void> put(std::string_view key, Bytes data) = 0;
  // As put() of each; those with one key must not differ. For many small ones: a disk is waited for a few
  // times, not for each. After an error any of them may be there, each whole.
  virtual Result<void> put_all(std::span<const Object> objects);
  virtual Result<void> remove(std::string_view key) = 0;  // absent is fine
  // Atomic: `to` is replaced, `from` is gone. Kind::not_found when `from` is absent.
  virtual Result<void> move(std::string_view from, std::string_view to) = 0;
  // Direct children of a prefix without trailing slash ("" is the whole store), sorted by name; an unknown
  // prefix has none.
  virtual Result<std::vector<Child>> list(std::string_view prefix) = 0;
  virtual Result<std::unique_ptr<WriteLock>> lock(std::string_view key) = 0;  // waits
};

// Whole object as a string; Kind::unverified above `limit` bytes: no object of its sort is so large.
Result<std::string> read(Store& store, std::string_view key, std::uint64_t limit = 64U << 20U);
Result<std::optional<std::string>> read_if_exists(Store& store, std::string_view key,
                                                  std::uint64_t limit = 64U << 20U);
// The same for who passes damage over or mends it: one above `limit` bytes reads as the empty text.
Result<std::optional<std::string>> read_or_empty(Store& store, std::string_view key,
                                                 std::uint64_t limit = 64U << 20U);

// Kind::invalid unless relative, clean, free of control characters and of "." and ".." elements.
Result<void> check_key(std::string_view key);

}  // namespace larder::store
