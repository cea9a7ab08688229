// SPDX-License-Identifier: Apache-2.0
#include "store/disk/disk_store.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.hpp"
#include "sys/files.hpp"
#include "sys/lock.hpp"
#include "sys/parallel.hpp"
#include "sys/regular_file.hpp"

namespace larder::store {

namespace {

using sys::Path;

constexpr std::string_view k_format_key = "larder/format";
constexpr std::string_view k_format = "larder store 1\n";
constexpr std::string_view k_how_to_fill =
    "fill one with `larder stock` or `larder unpack`, or name another with --store";

class DiskBlob final : public Blob {
 public:
  DiskBlob(sys::Fd fd, std::string file, ObjectInfo info)
      : fd_(std::move(fd)), file_(std::move(file)), info_(info) {}

  const ObjectInfo& info() const override { return info_; }
  std::optional<int> fd() const override { return fd_.get(); }
  Result<Bytes> bytes() override {
    if (info_.size <= k_copied) return copied();
    if (!mapping_) mapping_ = TRY(sys::Mapping::of(fd_.get(), file_));
    return mapping_->bytes();
  }

 private:
  // A copy of so little costs less than a mapping, whose end also stops the other threads for a moment.
  static constexpr std::uint64_t k_copied = 64 << 10;

  Result<Bytes> copied() {
    while (copy_.size() < info_.size) {
      const auto at = copy_.size();
      copy_.resize(info_.size);
      const auto n = ::pread(fd_.get(), copy_.data() + at, copy_.size() - at, static_cast<off_t>(at));
      copy_.resize(at + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
      if (n < 0 && errno != EINTR) return fail_errno("read " + file_);
      if (n == 0) return fail(Kind::io, "read " + file_ + ": it was cut while it was read");
    }
    return as_bytes(copy_);
  }

  sys::Fd fd_;
  std::string file_;
  ObjectInfo info_;
  std::string copy_;
  std::optional<sys::Mapping> mapping_;
};

std::int64_t nanoseconds(const struct timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

ObjectInfo info_of(const struct stat& st) {
  return {.size = static_cast<std::uint64_t>(st.st_size),
          .mtime_ns = nanoseconds(st.st_mtim),
          .identity = st.st_ino,
          .ctime_ns = nanoseconds(st.st_ctim),
          .device = st.st_dev};
}

// Never waits: a FIFO that somebody left in the store is no object, and must not stop a server.
Result<sys::Fd> open_object(const std::string& file) {
  sys::Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return fail_errno("open " + file);
  return fd;
}

Result<std::unique_ptr<Blob>> open_blob(sys::Fd fd, const std::string& file) {
  struct stat st{};
  if (::fstat(fd.get(), &st) != 0) return fail_errno("stat " + file);
  if (!S_ISREG(st.st_mode)) return fail(errno_error("open " + file, ENOENT));
  return std::unique_ptr<Blob>(std::make_unique<DiskBlob>(std::move(fd), file, info_of(st)));
}

// A store that cannot be written has failed, whatever the system's reason: it is not that somebody forbade to
// ask (Kind::forbidden), which callers may do without.
template <class T>
Result<T> to_write(Result<T> done) {
  if (done || done.error().kind() != Kind::forbidden) return done;
  return fail(Error(Kind::io, done.error().message(), done.error().hint()));
}

class DiskUpload final : public Upload {
 public:
  DiskUpload(sys::AtomicFile file, Path target) : file_(std::move(file)), target_(std::move(target)) {}

  Result<void> write(Bytes data) override { return to_write(file_.write(data)); }
  Result<void> rewind() override { return file_.rewind(); }
  Result<std::unique_ptr<Blob>> read_back() override {
    return open_blob(TRY(sys::open_read(file_.temp_path())), file_.temp_path());
  }
  Result<void> commit() override { return to_write(file_.commit()); }

 private:
  sys::AtomicFile file_;
  Path target_;
};

class DiskLock final : public WriteLock {
 public:
  explicit DiskLock(sys::FileLock lock) : lock_(std::move(lock)) {}

 private:
  sys::FileLock lock_;
};

class DiskStore final : public Store {
 public:
  explicit DiskStore(Path root) : root_(std::move(root)) {}

  Result<std::optional<ObjectInfo>> stat(std::string_view key) override {
    const auto file = TRY(file_of(key));
    struct stat st{};
    if (::stat(file.c_str(), &st) == 0) {
      return S_ISREG(st.st_mode) ? std::optional(info_of(st)) : std::nullopt;
    }
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return fail_errno("stat " + file);
  }

  Result<std::unique_ptr<Blob>> open(std::string_view key) override {
    const auto file = TRY(file_of(key));
    return open_blob(TRY(open_object(file)), file);
  }

  Result<std::unique_ptr<Upload>> create(std::string_view key) override {
    const Path path = TRY(path_of(key));
    TRY(to_write(sys::make_dirs(path.parent_path())));
    auto file = TRY(to_write(sys::AtomicFile::create(path, {.durability = sys::Durability::fsync})));
    return std::unique_ptr<Upload>(std::make_unique<DiskUpload>(std::move(file), path));
  }

  Result<void> put(std::string_view key, Bytes data) override {
    const auto upload = TRY(create(key));
    TRY(upload->write(data));
    return upload->commit();
  }

  // The whole file system is waited for: once for the bytes and once for the names of a batch.
  Result<void> put_all(std::span<const Object> objects) override {
    if (objects.size() < k_least_batch) return Store::put_all(objects);
    std::vector<Result<void>> done((objects.size() + k_most_open - 1) / k_most_open);
    sys::parallel_for(done.size(), sys::cpu_count(), {}, [&](std::size_t i) {
      const auto rest = objects.subspan(i * k_most_open);
      done[i] = to_write(put_batch(rest.first(std::min(rest.size(), k_most_open))));
    });
    for (auto& result : done) TRY(std::move(result));
    return {};
  }

  Result<void> remove(std::string_view key) override { return sys::remove_file(TRY(path_of(key))); }

  Result<void> move(std::string_view from, std::string_view to) override {
    const Path target = TRY(path_of(to));
    TRY(sys::make_dirs(target.parent_path()));
    TRY(sys::rename(TRY(path_of(from)), target));
    return sys::fsync_dir(target.parent_path());
  }

  Result<std::vector<Child>> list(std::string_view prefix) override {
    const Path path = prefix.empty() ? root_ : TRY(path_of(prefix));
    auto entries = sys::list_dir(path);
    if (!entries) {
      if (entries.error().kind() == Kind::not_found) return std::vector<Child>();
      return fail(std::move(entries).error());
    }
    std::vector<Child> out;
    for (auto& entry : *entries) {
      if (entry.is_dir || entry.is_regular) out.push_back({std::move(entry.name), entry.is_dir});
    }
    return out;
  }

  Result<std::unique_ptr<WriteLock>> lock(std::string_view key) override {
    const Path path = TRY(path_of(std::string(key) + ".lock"));
    TRY(to_write(sys::make_dirs(path.parent_path())));
    return std::unique_ptr<WriteLock>(
        std::make_unique<DiskLock>(TRY(to_write(sys::FileLock::exclusive(path)))));
  }

 private:
  static constexpr std::size_t k_least_batch = 8;  // fewer are written sooner one by one
  static constexpr std::size_t k_most_open = 128;  // files at once, in each thread

  Result<void> put_batch(std::span<const Object> objects) {
    std::vector<sys::AtomicFile> files;
    files.reserve(objects.size());
    Path made;
    for (const auto& object : objects) {
      const Path path = TRY(path_of(object.key));
      if (auto folder = path.parent_path(); folder != made) {
        TRY(sys::make_dirs(folder));
        made = std::move(folder);
      }
      files.push_back(TRY(sys::AtomicFile::create(path, {.durability = sys::Durability::none})));
      TRY(files.back().write(object.data));
    }
    TRY(sys::sync_file_system(root_));
    for (auto& file : files) TRY(file.commit());
    return sys::sync_file_system(root_);
  }

  Result<Path> path_of(std::string_view key) const { return Path(TRY(file_of(key))); }
  // Checks ask for thousands: a Path, which takes itself apart, would cost as much as the question.
  Result<std::string> file_of(std::string_view key) const {
    TRY(check_key(key));
    return (root_.native() + (root_.native().ends_with('/') ? "" : "/")).append(key);
  }
  Path root_;
};

Result<std::optional<std::string>> read_format(const Path& root) {
  auto text = sys::read_regular(root / k_format_key, 4096);
  if (text) return *std::move(text);
  if (text.error().kind() == Kind::not_found) return std::nullopt;
  return fail(std::move(text).error());
}

Result<void> check_format(const Path& root, const std::string& found) {
  if (found == k_format) return {};
  return fail(Kind::invalid, (root / k_format_key).native() + ": unknown store format " + quote(trim(found)),
              "this store was written by a newer larder; use that version");
}

}  // namespace

Result<std::unique_ptr<Store>> open_disk_store(const std::filesystem::path& root, Access access) {
  if (sys::is_file(root)) {
    return fail(Kind::invalid, "store " + root.native() + ": is a file, not a folder",
                "name the folder of the store with --store or LARDER_STORE");
  }
  const auto format = TRY(read_format(root));
  if (format) {
    TRY(check_format(root, *format));
  } else if (access == Access::read_only) {
    if (!sys::is_dir(root)) {
      return fail(Kind::not_found, "store " + root.native() + ": no such directory",
                  std::string(k_how_to_fill));
    }
    // A copied tree of modules will do; any other folder was named by mistake.
    if (!sys::is_dir(root / "go")) {
      return fail(Kind::invalid, root.native() + ": is no store (it has neither larder/format nor go/)",
                  std::string(k_how_to_fill));
    }
  } else {
    TRY(sys::make_dirs((root / k_format_key).parent_path()));
    TRY(sys::write_file_atomic(root / k_format_key, as_bytes(k_format),
                               {.durability = sys::Durability::fsync}));
  }
  return std::unique_ptr<Store>(std::make_unique<DiskStore>(root));
}

}  // namespace larder::store
