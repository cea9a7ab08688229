// SPDX-License-Identifier: Apache-2.0
#include "modzip/hash.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "modzip/check.hpp"
#include "modzip/h1_stream.hpp"
#include "modzip/pass.hpp"
#include "modzip/runs.hpp"
#include "sys/files.hpp"
#include "sys/retry.hpp"

namespace larder::modzip {

namespace {

constexpr std::size_t k_block = std::size_t{256} << 10U;

std::string below(const std::string& directory, const std::string& name) {
  return directory.empty() ? name : directory + "/" + name;
}

// Relative paths of all files, sorted as bytes.
Result<std::vector<std::string>> list_files(const std::filesystem::path& root) {
  std::vector<std::string> files;
  std::vector<std::string> pending = {""};
  while (!pending.empty()) {
    const std::string directory = std::move(pending.back());
    pending.pop_back();
    for (const sys::DirEntry& entry : TRY(sys::list_dir(directory.empty() ? root : root / directory))) {
      std::string path = below(directory, entry.name);
      if (entry.is_dir) {
        pending.push_back(std::move(path));
      } else if (entry.is_regular) {
        files.push_back(std::move(path));
      } else {
        return fail(Kind::invalid, fmt::format("{}/{}: not a regular file", root.native(), path));
      }
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

Result<Digest> hash_file(int root, const std::string& path, Sha256& hash, std::span<std::byte> block) {
  // Non-blocking: should a pipe have taken the file's place, there is nothing to wait for.
  const sys::Fd fd(sys::retry_eintr(
      [&] { return ::openat(root, path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC); }));
  if (!fd) return fail_errno("open " + path);
  while (true) {
    const auto n = sys::retry_eintr([&] { return ::read(fd.get(), block.data(), block.size()); });
    if (n < 0) return fail_errno("read " + path);
    if (n == 0) return hash.finish();
    hash.update(block.first(static_cast<std::size_t>(n)));
  }
}

}  // namespace

Result<gomod::H1> hash_archive(const Archive& archive, Scratch& scratch,
                               const std::function<void()>& on_mib) {
  return hash_in_one_pass(archive, {.threads = 1, .stop = {}, .scratch = &scratch, .on_mib = on_mib});
}

Result<gomod::H1> hash_zip(const gomod::Module& module, Bytes zip) {
  const Archive archive = TRY(Archive::open(zip));
  const std::string prefix = zip_prefix(module);
  for (const Entry& entry : archive.entries()) {
    if (entry.name.starts_with(prefix)) continue;
    return fail(Kind::invalid,
                fmt::format("zip for {}@{} has unexpected file {}", module.path, module.version, entry.name));
  }
  return hash_in_one_pass(archive, {});
}

Result<gomod::H1> hash_dir(std::string_view prefix, const std::filesystem::path& directory,
                           unsigned threads) {
  const auto files = TRY(list_files(directory));
  const sys::Fd root(
      sys::retry_eintr([&] { return ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!root) return fail_errno("open " + directory.native());
  std::vector<Digest> digests(files.size());
  // Sizes are not known without a stat each: runs are cut by number of files.
  const auto runs = cut_runs(files.size(), threads, [](std::size_t) { return std::uint64_t{0}; });
  TRY(for_each_run(runs, threads, [&](const Run& run) -> Result<void> {
    Sha256 hash;
    const auto block = Scratch::of_thread().reserve(k_block).first(k_block);
    for (std::size_t i = run.begin; i < run.end; ++i) {
      digests[i] = TRY(hash_file(root.get(), files[i], hash, block).context(directory.native()));
    }
    return {};
  }));
  H1Stream h1;
  std::string name;
  for (std::size_t i = 0; i < files.size(); ++i) {
    name.assign(prefix).append("/").append(files[i]);
    TRY(h1.add(name, digests[i]));
  }
  return h1.finish();
}

}  // namespace larder::modzip
