// SPDX-License-Identifier: Apache-2.0
// GOMODCACHE, the module cache of the go command, shared with go processes that run at the same time.
//
// What makes that safe, at every moment and after a crash at any point:
// - Whatever changes a version's zip, ziphash or tree holds flock on its `.lock`, as go does. One such lock
//   is held at a time, never while waiting for another.
// - A zip is written to a temp file, hashed and checked there; then `.ziphash` is written, then the zip gets
//   its name, then the tree. Bytes that fail the check never get a name.
// - A tree is extracted beside its place, as `<dir>.tmp-<digits>`, and renamed when it is whole, checked and
//   read-only. So it needs no `.partial` marker: at no time is there an incomplete directory under the name.
//   go extracts in place under `.partial`, which would show unchecked files for a while. go itself deletes
//   `<dir>.tmp-*` (its own habit before 1.16), and only under the version lock, which is ours meanwhile; what
//   a crash leaves is swept by the next to extract that version, go or Larder. (go left this way because of
//   Windows; on Linux a read-only directory can be renamed within its parent.)
// - Where a tree has to give way (unfinished, or of unknown content) `.partial` is created first and removed
//   last, so that readers, which do not lock, see it as unfinished all the while.
// - `.info` and `.mod` are replaced in one step without locks. `list` and `.ziphash` are written in place
//   under their own locks, since go may hold one on the file.
// - `go clean -modcache` takes no lock: anything can vanish at any time, which makes an error, no more.
// No fsync, as go: a `.ziphash` or `list` that power loss tore is recognised and made anew.
//
// Thread rule: a Cache is immutable; share it. Spec: go-modules.md 1, 2, 10.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "gomod/h1.hpp"
#include "gomod/module.hpp"
#include "modcache/paths.hpp"
#include "sys/files.hpp"
#include "sys/folder.hpp"

namespace larder::modcache {

struct Options {
  bool read_write = false;  // -modcacherw: leave extracted directories writable
  // As go: that the folder cannot be made is an error only of what has to install something in it. What is
  // read is absent, and what is merely remembered is not.
  bool may_be_unusable = false;
};

enum class DirState {
  absent,
  not_a_directory,
  partial,     // "not completely extracted"
  no_ziphash,  // "ziphash file is missing"
  usable,
};
std::string_view dir_state_reason(DirState state);  // go's words; empty where there are none

// Writes the zip into the file; may rewind() it and start anew.
using FetchZip = std::function<Result<void>(sys::AtomicFile& file)>;
// May content of this hash be used? Its error is handed on as it is.
using CheckHash = std::function<Result<void>(const gomod::H1& h1)>;

struct InstallOptions {
  bool extract = true;                // the tree too, not only the zip
  bool needs_zip = true;              // else a tree that is whole will do, as for go's builds
  unsigned threads = 1;               // for one large module, see modzip::ExtractOptions
  std::stop_token stop;               // looked at while waiting for the lock and between files
  std::function<void()> begins = {};  // called before a zip is fetched, or hashed for want of a .ziphash
};

struct Installed {
  gomod::H1 h1;
  Path zip;
  Path dir;                // empty without extract
  bool fetched = false;    // the zip is new
  bool extracted = false;  // the tree is new
};

// A module version that was verified before, such as a store holds it.
struct Content {
  std::string_view info;
  std::string_view mod;
  gomod::H1 h1;
  Bytes zip;
  int zip_fd = -1;  // the open file behind `zip`, if any: lets the file system share the blocks
};

class Cache {
 public:
  // Creates the folder. Errors are go's: `GOMODCACHE entry is relative; must be absolute path: "P".`,
  // `could not create module cache: …`.
  static Result<Cache> open(Path root, Options options = {});

  const Path& root() const { return root_; }
  const sys::Folder& folder() const { return *folder_; }
  // Why nothing can be installed, with Options::may_be_unusable.
  const std::optional<Error>& unusable() const { return unusable_; }
  Result<Paths> paths(const gomod::Module& module) const { return Paths::of(root_, module); }

  // Readers take no lock and create nothing. nullopt: absent, or so damaged that go too takes it as absent.
  Result<std::optional<std::string>> info(const gomod::Module& module) const;
  Result<std::optional<std::string>> mod(const gomod::Module& module) const;
  Result<std::optional<gomod::H1>> ziphash(const gomod::Module& module) const;
  Result<bool> has_zip(const gomod::Module& module) const;  // with its .ziphash
  Result<DirState> dir_state(const gomod::Module& module) const;
  Result<DirState> dir_state(const gomod::Module& module, const Paths& files) const;  // its own
  // What `list` says, without damaged lines; empty when there is no list.
  Result<std::vector<std::string>> versions(std::string_view module_path) const;
  // The highest pseudo-version for a commit (at least 12 hex digits) that has an .info here.
  Result<std::optional<std::string>> version_of_commit(std::string_view module_path,
                                                       std::string_view commit) const;

  // The bytes as given: see fetch::cached_info for the form that go writes.
  Result<void> write_info(const gomod::Module& module, std::string_view json) const;
  // Then refreshes `list`; that part is best effort, as in go.
  Result<void> write_mod(const gomod::Module& module, std::string_view go_mod) const;
  Result<void> refresh_list(std::string_view module_path) const;

  // Zip, ziphash and tree of one version, as far as they are missing. Errors do not name the module. `fetch`
  // is called at most once, and only without a zip here; `check` is called once for each hash it finds, also
  // when nothing was missing, and before anything becomes visible. The zip is inflated once: hashed and
  // extracted in one pass. Of a zip that breaks a rule of module zips no tree is made, but the zip stays, as
  // with go: `unzip FILE: …`, Kind::invalid.
  Result<Installed> install(const gomod::Module& module, const FetchZip& fetch, const CheckHash& check,
                            const InstallOptions& options = {}) const;
  // The same from content at hand, with .info and .mod. Kind::unverified where the zip is not of that hash,
  // or the cache already has another one. A valid .info is left alone, a .mod of other bytes is replaced.
  Result<Installed> install_content(const gomod::Module& module, const Content& content,
                                    const InstallOptions& options = {}) const;
  // The tree from the zip that is here. Kind::not_found without one.
  Result<Installed> extract(const gomod::Module& module, const CheckHash& check,
                            std::stop_token stop = {}) const;

  // As `go mod verify`: zip and tree against .ziphash. Empty when all is well, also when nothing is here.
  // Messages are go's: `M V: zip has been modified (F)`; Kind::unverified for those, else as it comes.
  std::vector<Error> verify(const gomod::Module& module) const;

 private:
  Cache(Path root, Options options)
      : root_(std::move(root)), options_(options), folder_(std::make_shared<sys::Folder>(root_)) {}
  Path root_;
  Options options_;
  std::shared_ptr<const sys::Folder> folder_;
  std::optional<Error> unusable_;
};

}  // namespace larder::modcache
