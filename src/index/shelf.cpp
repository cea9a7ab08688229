// SPDX-License-Identifier: Apache-2.0
#include "index/shelf.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace larder::index {

namespace {

constexpr std::string_view k_suffix = ".idx";
constexpr std::string_view k_tidied = "tidied";                  // an empty file: when it was last done
constexpr std::int64_t k_touch_after = std::int64_t{24} * 3600;  // seconds
constexpr int k_depth = 3;                                       // folders below the root

struct Kept {
  std::int64_t mtime_ns;
  std::uint64_t size;
  sys::Path file;
};

std::int64_t now() {
  return std::time(nullptr);
}

void collect(const sys::Path& folder, int depth, std::vector<Kept>& out) {
  const auto entries = sys::list_dir(folder);
  if (!entries) return;
  for (const auto& entry : *entries) {
    const auto path = folder / entry.name;
    if (entry.is_dir && depth > 0) collect(path, depth - 1, out);
    if (!entry.is_regular || !entry.name.ends_with(k_suffix)) continue;
    const auto info = sys::stat(path);
    if (info && *info) out.push_back({(*info)->mtime_ns, (*info)->size, path});
  }
}

bool read_all(int fd, std::string& into) {
  std::size_t got = 0;
  while (got < into.size()) {
    const auto n = ::read(fd, into.data() + got, into.size() - got);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    got += static_cast<std::size_t>(n);
  }
  return true;
}

}  // namespace

Shelf::Shelf(sys::Path root, Limits limits) : root_(std::move(root)), limits_(limits) {}

std::optional<std::string> Shelf::read(const std::string& name) const {
  // Without waiting: a FIFO in place of a file has nobody at its other end.
  const sys::Fd fd(::open((root_ / name).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info{};
  if (!fd || ::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  if (static_cast<std::uint64_t>(info.st_size) > limits_.file) return std::nullopt;
  std::string out(static_cast<std::size_t>(info.st_size), '\0');
  if (!read_all(fd.get(), out)) return std::nullopt;
  if (info.st_mtim.tv_sec + k_touch_after < now()) static_cast<void>(::futimens(fd.get(), nullptr));
  return out;
}

void Shelf::write(const std::string& name, std::string_view file) const {
  if (file.size() > limits_.file) return;
  const auto path = root_ / name;
  const auto written = sys::write_file_atomic(path, as_bytes(file));
  if (written || written.error().kind() != Kind::not_found) return;
  if (!sys::make_dirs(path.parent_path())) return;
  static_cast<void>(sys::write_file_atomic(path, as_bytes(file)).has_value());
}

void Shelf::tidy() const {
  constexpr std::int64_t k_ns = 1'000'000'000;
  const auto done = root_ / k_tidied;
  const auto last = sys::stat(done);
  if (!last || (*last && (*last)->mtime_ns / k_ns + limits_.between_tidying > now())) return;
  if (!sys::write_file(done, {})) return;
  std::vector<Kept> kept;
  collect(root_, k_depth, kept);
  std::ranges::sort(kept, std::greater<>(), &Kept::mtime_ns);
  std::uint64_t total = 0;
  for (const auto& file : kept) {
    total += file.size;
    const bool unused = file.mtime_ns / k_ns + limits_.unused < now();
    if (unused || total > limits_.all) static_cast<void>(sys::remove_file(file.file).has_value());
  }
}

}  // namespace larder::index
