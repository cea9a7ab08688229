// SPDX-License-Identifier: Apache-2.0
#include "modcache/toolchain.hpp"

#include <functional>
#include <optional>

#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include "sys/fd.hpp"

namespace larder::modcache {

namespace {

using sys::Path;

constexpr mode_t k_execute = 0111;
constexpr mode_t k_write = 0200;
constexpr mode_t k_permissions = 07777;
constexpr const char* k_exec_wrappers = "go_?*_?*_exec";  // in lib: they run programs of other systems

Failure failed(const char* what, const Path& path) {
  const int number = errno;
  return fail(errno_error(std::string(what) + " " + path.native(), number));
}

std::optional<struct stat> look(const Path& path) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0) return std::nullopt;
  return found;
}

// Every regular file below, in no special order. Absent folders are empty.
Result<void> each_file(const Path& top, const std::function<Result<void>(const Path&)>& visit) {
  std::vector<Path> folders;
  if (sys::is_dir(top)) folders.push_back(top);
  while (!folders.empty()) {
    const Path folder = std::move(folders.back());
    folders.pop_back();
    for (const auto& entry : TRY(sys::list_dir(folder))) {
      if (entry.is_dir) folders.push_back(folder / entry.name);
      if (entry.is_regular) TRY(visit(folder / entry.name));
    }
  }
  return {};
}

Result<void> allow_execution(const Path& file) {
  const auto found = look(file);
  if (!found) return failed("stat", file);
  if (::chmod(file.c_str(), (found->st_mode & 0777) | k_execute) != 0) return failed("chmod", file);
  return {};
}

Result<void> allow_programs(const Path& tree) {
  const Path go = tree / "bin/go";
  const auto found = look(go);
  if (!found || (found->st_mode & k_execute) != 0) return {};
  TRY(each_file(tree / "pkg/tool", allow_execution));
  TRY(each_file(tree / "lib", [](const Path& file) -> Result<void> {
    if (::fnmatch(k_exec_wrappers, file.filename().c_str(), 0) != 0) return {};
    return allow_execution(file);
  }));
  TRY(each_file(tree / "bin", [&](const Path& file) -> Result<void> {
    if (file == go) return {};
    return allow_execution(file);
  }));
  return allow_execution(go);
}

// A folder that may be written to for as long as this lives.
class Writable {
 public:
  static Result<Writable> make(const Path& folder) {
    const auto found = look(folder);
    if (!found) return failed("stat", folder);
    const mode_t before = found->st_mode & k_permissions;
    if (::chmod(folder.c_str(), before | k_write) != 0) return failed("chmod", folder);
    return Writable(folder, before);
  }
  ~Writable() {
    if (!folder_.empty()) static_cast<void>(::chmod(folder_.c_str(), before_));
  }
  Writable(Writable&& other) noexcept
      : folder_(std::exchange(other.folder_, Path())), before_(other.before_) {}
  Writable& operator=(Writable&&) = delete;

 private:
  Writable(Path folder, mode_t before) : folder_(std::move(folder)), before_(before) {}
  Path folder_;
  mode_t before_;
};

bool same_size(const Path& one, const Path& other) {
  const auto a = look(one);
  const auto b = look(other);
  return a.has_value() == b.has_value() && (!a || a->st_size == b->st_size);
}

// In place and without emptying it: somebody else may write the same bytes at the same time.
Result<void> copy_beside(const Path& from) {
  const Path to = from.parent_path() / "go.mod";
  if (same_size(from, to)) return {};
  const auto data = TRY(sys::read_file(from));
  const auto source = look(from);
  if (!source) return failed("stat", from);
  const auto writable = TRY(Writable::make(from.parent_path()));
  const sys::Fd fd(::open(to.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  // Who came before may have made it read-only by now, which is as good.
  if (!fd) return same_size(from, to) ? Result<void>() : failed("open", to);
  TRY(sys::write_all(fd.get(), as_bytes(data), to));
  if (::fchmod(fd.get(), source->st_mode & 0777) != 0) return failed("chmod", to);
  return {};
}

Result<void> copy_go_mods(const Path& tree) {
  const Path last = tree / "src/_go.mod";
  if (same_size(last, tree / "src/go.mod")) return {};
  TRY(each_file(tree, [&](const Path& file) -> Result<void> {
    if (file.filename() != "_go.mod" || file == last) return {};
    return copy_beside(file);
  }));
  return copy_beside(last);
}

}  // namespace

Result<void> make_runnable(const Path& tree) {
  TRY(allow_programs(tree));
  return copy_go_mods(tree);
}

}  // namespace larder::modcache
