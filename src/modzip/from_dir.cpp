// SPDX-License-Identifier: Apache-2.0
#include "modzip/from_dir.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.hpp"
#include "sys/fd.hpp"
#include "sys/files.hpp"
#include "sys/retry.hpp"

namespace larder::modzip {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> k_version_control = {".bzr", ".git", ".hg", ".svn"};

// A file that did not change since it was listed; no more than `size` bytes are read into memory.
Result<Bytes> read_file(const fs::path& path, std::uint64_t size, Scratch& scratch) {
  const sys::Fd fd(
      sys::retry_eintr([&] { return ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC); }));
  if (!fd) return fail_errno("open " + path.native());
  if (size > k_max_zip_file) return fail(Kind::invalid, path.native() + ": too large");
  const auto wanted = static_cast<std::size_t>(size);
  const auto memory = scratch.reserve(wanted + 1).first(wanted + 1);
  std::size_t have = 0;
  while (have < memory.size()) {
    const auto n =
        sys::retry_eintr([&] { return ::read(fd.get(), memory.data() + have, memory.size() - have); });
    if (n < 0) return fail_errno("read " + path.native());
    if (n == 0) break;
    have += static_cast<std::size_t>(n);
  }
  if (have > wanted) {
    return fail(Kind::io, fmt::format("file {} is larger than declared size", quote(path.native())));
  }
  return Bytes(memory.first(have));
}

class Walk {
 public:
  Walk(const fs::path& root, std::vector<FileError>* omitted) : root_(root), omitted_(omitted) {}

  Result<std::vector<Candidate>> run() && {
    const auto go_mod = sys::read_file(root_ / "go.mod", k_max_go_mod);
    if (go_mod) go_version_ = go_version_of_mod(*go_mod);
    TRY(list({}));
    while (!pending_.empty()) {
      const auto [path, entry] = std::move(pending_.back());
      pending_.pop_back();
      TRY(visit(path, entry));
    }
    return std::move(files_);
  }

 private:
  Result<void> visit(const std::string& path, const sys::DirEntry& entry) {
    if (is_vendored(path, go_version_)) {
      omit(path, "file is in vendor directory");
      return entry.is_dir ? list(path) : Result<void>();  // as go: what is below is reported, too
    }
    if (entry.is_dir) return visit_directory(path, entry.name);
    if (!entry.is_regular) {
      omit(path, "not a regular file");
      return {};
    }
    const fs::path full = root_ / path;
    const auto info = TRY(sys::stat(full));
    if (!info) return fail(Kind::not_found, "stat " + full.native() + ": no such file or directory");
    files_.push_back(
        {.path = path,
         .type = FileType::regular,
         .size = info->size,
         .read = [full, size = info->size](Scratch& scratch) { return read_file(full, size, scratch); }});
    return {};
  }

  Result<void> visit_directory(const std::string& path, const std::string& name) {
    if (std::ranges::find(k_version_control, name) != k_version_control.end()) {
      omit(path, "directory is a version control repository");
      return {};
    }
    struct stat info = {};  // lstat: a link named go.mod counts as well
    if (::lstat((root_ / path / "go.mod").c_str(), &info) == 0 && !S_ISDIR(info.st_mode)) {
      omit(path, "directory is in another module");
      return {};
    }
    return list(path);
  }

  // Puts a directory's entries on the stack so that they are visited in order, each with all that is below.
  Result<void> list(const std::string& path) {
    auto entries = TRY(sys::list_dir(path.empty() ? root_ : root_ / path));
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
      std::string below = path.empty() ? entry->name : path + "/" + entry->name;
      pending_.emplace_back(std::move(below), std::move(*entry));
    }
    return {};
  }

  void omit(const std::string& path, std::string_view reason) {
    if (omitted_ != nullptr) omitted_->push_back({path, std::string(reason)});
  }

  const fs::path& root_;
  std::vector<FileError>* omitted_;
  std::string go_version_;
  std::vector<std::pair<std::string, sys::DirEntry>> pending_;
  std::vector<Candidate> files_;
};

Result<void> create(const Sink& sink, const gomod::Module& module, std::span<const Candidate> candidates,
                    Method method) {
  TRY(check_module(module));
  const Selection selection = TRY(select_files(candidates));
  if (auto error = selection.errors.error()) return fail(*std::move(error));
  const std::string prefix = zip_prefix(module);
  std::vector<SourceFile> files;
  files.reserve(selection.valid.size());
  for (const std::size_t i : selection.valid) {
    files.push_back({.name = prefix + candidates[i].path, .read = candidates[i].read});
  }
  return write_zip(sink, files, method);
}

}  // namespace

Result<std::vector<Candidate>> list_dir(const fs::path& directory, std::vector<FileError>* omitted) {
  return Walk(directory, omitted).run();
}

Result<void> create_zip(const Sink& sink, const gomod::Module& module, std::span<const Candidate> candidates,
                        Method method) {
  return create(sink, module, candidates, method).context("create zip");
}

Result<void> create_zip_from_dir(const Sink& sink, const gomod::Module& module, const fs::path& directory,
                                 Method method) {
  const auto candidates = TRY(list_dir(directory).context("create zip from directory " + directory.native()));
  return create(sink, module, candidates, method).context("create zip " + directory.native());
}

}  // namespace larder::modzip
