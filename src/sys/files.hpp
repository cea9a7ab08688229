// SPDX-License-Identifier: Apache-2.0
// Files as Larder needs them: whole reads with a bound, atomic replacement, trees. All paths are used as
// given. Messages follow the go command: "open PATH: no such file or directory". Every call retries EINTR.
// Thread rule: free functions are safe to call from any thread; objects belong to one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/stat.h>
#include <sys/types.h>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "sys/fd.hpp"

namespace larder::sys {

using Path = std::filesystem::path;

inline constexpr std::uint64_t k_text_file_limit = 64U << 20U;  // bytes; for files that are read whole

Result<Fd> open_read(const Path& path);

struct FileInfo {
  std::uint64_t size = 0;  // bytes
  bool is_dir = false;
  bool is_regular = false;
  std::int64_t mtime_ns = 0;
  std::uint64_t inode = 0;

  static FileInfo of(const struct stat& st);
};
// nullopt when nothing is there (or a parent is missing or not a folder). Follows symbolic links.
Result<std::optional<FileInfo>> stat(const Path& path);
bool is_file(const Path& path);
bool is_dir(const Path& path);

// Whole content; Kind::invalid above `limit` bytes.
Result<std::string> read_file(const Path& path, std::uint64_t limit = k_text_file_limit);
// The same of an open file; the path is for errors.
Result<std::string> read_whole(int fd, const std::string& path, std::uint64_t limit);
Result<std::optional<std::string>> read_file_if_exists(const Path& path,
                                                       std::uint64_t limit = k_text_file_limit);

Result<void> write_all(int fd, Bytes data, const Path& name_for_errors);

enum class Durability { none, fsync };  // fsync: data before the rename, folder after it

struct WriteOptions {
  mode_t mode = 0666;  // before umask
  Durability durability = Durability::none;
};

// A temp file `<target><digits>.tmp` beside the target, as the go command names them; commit() renames it
// over the target, the destructor without commit() removes it.
class AtomicFile {
 public:
  static Result<AtomicFile> create(const Path& target, const WriteOptions& options = {});
  ~AtomicFile();
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&& other) noexcept;
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  int fd() const { return fd_.get(); }
  const Path& temp_path() const { return temp_; }
  Result<void> write(Bytes data);
  Result<void> rewind();  // empties the file and starts anew
  Result<void> flush();   // fsync, if asked for in the options; commit() does it too
  Result<void> commit();
  Result<void> commit_as(const Path& target);  // same file system as the temp file

 private:
  AtomicFile(Fd fd, Path temp, Path target, WriteOptions options);
  Fd fd_;
  Path temp_;
  Path target_;
  WriteOptions options_;
};

// Replaces the file in one step; readers see the old or the new bytes.
Result<void> write_file_atomic(const Path& path, Bytes data, const WriteOptions& options = {});
// In place, truncating; for files that others hold locks on.
Result<void> write_file(const Path& path, Bytes data, mode_t mode = 0666);

Result<void> make_dirs(const Path& path, mode_t mode = 0777);
Result<void> rename(const Path& from, const Path& to);
Result<void> remove_file(const Path& path);  // absent is fine
// Removes a tree even when its folders are read-only; absent is fine. Does not follow symbolic links.
Result<void> remove_tree(const Path& path);
Result<void> fsync_dir(const Path& path);
// syncfs: waits until all that was written to the file system of this folder is on its disk.
Result<void> sync_file_system(const Path& folder);

struct DirEntry {
  std::string name;
  bool is_dir = false;
  bool is_regular = false;
  bool is_symlink = false;
};
// Sorted by name bytes, without "." and "..".
Result<std::vector<DirEntry>> list_dir(const Path& path);

// A whole file mapped read-only. Empty files map to an empty span.
class Mapping {
 public:
  static Result<Mapping> open(const Path& path);
  static Result<Mapping> of(int fd, const Path& name_for_errors);
  ~Mapping();
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  Bytes bytes() const { return data_; }
  // What was read of it is no longer counted as this process's memory, until it is read again.
  void let_go() const;

 private:
  explicit Mapping(Bytes data) : data_(data) {}
  Bytes data_;
};

// A new folder under $TMPDIR (or /tmp), removed with all it holds.
class TempDir {
 public:
  static Result<TempDir> create(std::string_view prefix = "larder-");
  static Result<TempDir> create_in(const Path& parent, std::string_view prefix);
  ~TempDir();
  TempDir(TempDir&& other) noexcept : path_(std::exchange(other.path_, Path())) {}
  TempDir& operator=(TempDir&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const Path& path() const { return path_; }

 private:
  explicit TempDir(Path path) : path_(std::move(path)) {}
  Path path_;
};

}  // namespace larder::sys
