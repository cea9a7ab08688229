// SPDX-License-Identifier: Apache-2.0
#include "vcs/clone_dir.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "base/digest.hpp"
#include "base/text.hpp"

namespace larder::vcs {

namespace {

constexpr std::uint64_t k_max_key = 1U << 16U;  // bytes of .info

}  // namespace

Result<CloneDir> CloneDir::open(const Path& modcache, std::string_view type, std::string_view url,
                                const std::stop_token& stop) {
  if (modcache.empty()) return fail(Kind::invalid, "neither GOPATH nor GOMODCACHE are set");
  const std::string key = std::string(type) + ":" + std::string(url);
  CloneDir out(modcache / "cache" / "vcs" / sha256(key).hex());
  TRY(out.prepare(key, stop));
  return out;
}

Path CloneDir::beside(std::string_view suffix) const {
  return path_.native() + std::string(suffix);
}

// flock cannot wait for a lock and a stop request at once; the holder is busy for long.
Result<sys::FileLock> CloneDir::lock(const std::stop_token& stop) const {
  using std::chrono::milliseconds;
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock guard(mutex);
  for (auto pause = milliseconds(1);; pause = std::min(pause * 2, milliseconds(50))) {
    if (auto lock = TRY(sys::FileLock::try_exclusive(beside(".lock")))) return *std::move(lock);
    wake.wait_for(guard, stop, pause, [] { return false; });
    if (stop.stop_requested()) return fail(Kind::cancelled, "waiting for " + beside(".lock").native());
  }
}

Result<void> CloneDir::prepare(const std::string& key, const std::stop_token& stop) const {
  TRY(sys::make_dirs(path_.parent_path()));
  const auto held = TRY(lock(stop));
  const Path info = beside(".info");
  const auto text = sys::read_file_if_exists(info, k_max_key);
  if (text && *text && sys::is_dir(path_)) {
    std::string_view have = **text;
    if (have.ends_with('\n')) have.remove_suffix(1);
    if (have == key) return {};
    return fail(Kind::invalid, info.native() + " exists with wrong content (have " + quote(have) + " want " +
                                   quote(key) + ")");
  }
  TRY(sys::remove_tree(path_));
  TRY(sys::make_dirs(path_));
  auto written = sys::write_file(info, as_bytes(key));
  if (!written) static_cast<void>(sys::remove_tree(path_));
  return written;
}

}  // namespace larder::vcs
