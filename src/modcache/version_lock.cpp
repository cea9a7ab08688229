// SPDX-License-Identifier: Apache-2.0
#include "modcache/version_lock.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>

namespace larder::modcache {

namespace {

Result<std::optional<sys::FileLock>> try_lock(const Paths& paths) {
  auto lock = sys::FileLock::try_exclusive(paths.lock());
  if (lock || lock.error().kind() != Kind::not_found) return lock;
  TRY(sys::make_dirs(paths.versions_dir()));
  return sys::FileLock::try_exclusive(paths.lock());
}

// flock cannot wait for a lock and a stop request at once. Asking again, at most 20 times a second, costs
// little beside the download that the holder is busy with.
Result<sys::FileLock> poll(const Paths& paths, const std::stop_token& stop) {
  using std::chrono::milliseconds;
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock guard(mutex);
  for (auto pause = milliseconds(1);; pause = std::min(pause * 2, milliseconds(50))) {
    wake.wait_for(guard, stop, pause, [] { return false; });
    if (stop.stop_requested()) return fail(Kind::cancelled, "waiting for " + paths.lock().native());
    if (auto lock = TRY(try_lock(paths))) return *std::move(lock);
  }
}

}  // namespace

Result<sys::FileLock> lock_version(const Paths& paths, const std::stop_token& stop) {
  if (auto lock = TRY(try_lock(paths))) return *std::move(lock);
  if (stop.stop_possible()) return poll(paths, stop);
  return sys::FileLock::exclusive(paths.lock());
}

}  // namespace larder::modcache
