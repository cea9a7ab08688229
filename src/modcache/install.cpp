// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include "modcache/cache.hpp"
#include "modcache/tree.hpp"
#include "modcache/version_list.hpp"
#include "modcache/version_lock.hpp"
#include "modcache/ziphash.hpp"
#include "modzip/extract.hpp"
#include "modzip/hash.hpp"

namespace larder::modcache {

namespace {

// What is there of one version.
struct Found {
  bool zip = false;
  std::optional<gomod::H1> hash;
  DirState dir = DirState::absent;

  bool dir_is_whole() const { return dir == DirState::usable && hash; }
  bool complete(const InstallOptions& wanted) const {
    return hash && (zip || !wanted.needs_zip) && (dir_is_whole() || !wanted.extract);
  }
  // A directory that claims to be whole: its content may be right, though no .ziphash vouches for it.
  bool has_tree() const { return dir == DirState::usable || dir == DirState::no_ziphash; }
};

// One version on its way in. Members are in the order of the work.
class Installation {
 public:
  struct Request {
    const Cache& cache;
    const gomod::Module& module;
    const FetchZip& fetch;
    const CheckHash& check;
    const InstallOptions& options;
    bool read_write;
  };

  Installation(const Request& request, Paths paths) : request_(request), paths_(std::move(paths)) {}

  Result<Installed> run();

 private:
  Result<Found> look() const;
  bool is_incomplete() const;
  Result<void> prepare_zip();
  Result<void> examine(Bytes zip);
  Result<gomod::H1> extract(Bytes zip);
  Result<void> check(const gomod::H1& h1);
  Result<void> agree();
  Result<void> publish();
  Error refuse_tree(Bytes zip, const Error& why);
  Result<void> examine_tree(Bytes zip);
  Result<void> publish_tree();
  void mend_list() const;
  Result<Installed> done(const gomod::H1& h1) const;
  modzip::ExtractOptions pass_options() const;

  Request request_;
  Paths paths_;
  Found found_;
  std::optional<sys::AtomicFile> download_;  // the new zip, without its name
  std::optional<TempTree> tree_;             // the new tree, without its name
  bool keep_tree_ = false;                   // the directory that is there has the right content
  gomod::H1 h1_;
  std::optional<gomod::H1> checked_;  // what the caller said yes to
};

Result<Found> Installation::look() const {
  Found found;
  found.dir = TRY(request_.cache.dir_state(request_.module));
  found.hash = TRY(read_ziphash(paths_.ziphash()));
  found.zip = TRY(sys::stat(paths_.zip())).has_value();
  return found;
}

// Zip or .ziphash is missing, whatever is in the latter.
bool Installation::is_incomplete() const {
  return !found_.zip || (!found_.hash && !sys::is_file(paths_.ziphash()));
}

modzip::ExtractOptions Installation::pass_options() const {
  return {
      .read_write = request_.read_write, .threads = request_.options.threads, .stop = request_.options.stop};
}

Result<void> Installation::prepare_zip() {
  if (found_.zip) return {};
  download_ = TRY(sys::AtomicFile::create(paths_.zip()));
  return request_.fetch(*download_);
}

Result<gomod::H1> Installation::extract(Bytes zip) {
  tree_.emplace(paths_.dir());
  return TRY(modzip::extract(request_.module, zip, tree_->path(), pass_options())).h1;
}

// Hash and, where needed, new tree, in one pass. Only where a directory of uncertain content is in the way is
// the zip read twice: once to know what the directory should hold, once more if it does not hold that.
Result<void> Installation::examine(Bytes zip) {
  if (found_.has_tree()) return examine_tree(zip);
  if (request_.options.extract) {
    h1_ = TRY(extract(zip));
  } else {
    h1_ = TRY(modzip::check_and_hash(request_.module, zip, pass_options())).h1;
  }
  return {};
}

// As for go, a tree of the right content will do whatever rules its zip breaks.
Result<void> Installation::examine_tree(Bytes zip) {
  const auto checked = modzip::check_and_hash(request_.module, zip, pass_options());
  h1_ = checked ? checked->h1 : TRY(modzip::hash_zip(request_.module, zip));
  keep_tree_ = found_.dir_is_whole() && found_.hash == h1_;
  if (!keep_tree_) {
    const auto held = modzip::hash_dir(request_.module.str(), paths_.dir());
    keep_tree_ = held && *held == h1_;
  }
  if (keep_tree_) return {};
  if (!checked) return fail(checked.error());
  if (request_.options.extract) TRY(extract(zip));
  return {};
}

// Without a download the zip must be what its .ziphash says. A new zip may differ from a .ziphash that was
// left without one: then the caller's check alone decides.
Result<void> Installation::agree() {
  if (!download_ && found_.hash && found_.hash != h1_) {
    return fail(Kind::unverified, fmt::format("zip has been modified ({})", paths_.zip().native()),
                "remove that file and its .ziphash to have it fetched again");
  }
  return check(h1_);
}

Result<void> Installation::check(const gomod::H1& h1) {
  if (checked_ == h1) return {};
  TRY(request_.check(h1));
  checked_ = h1;
  return {};
}

// .ziphash makes an existing directory usable in the eyes of readers, so a wrong one goes first.
Result<void> Installation::publish() {
  const bool in_the_way = found_.dir != DirState::absent && !keep_tree_;
  const bool remove = in_the_way && (tree_ || found_.has_tree());
  if (remove) {
    TRY(sys::write_file(paths_.partial(), {}));
    TRY(sys::remove_tree(paths_.dir()));
  }
  if (found_.hash != h1_) TRY(write_ziphash(paths_.ziphash(), h1_));
  if (download_) TRY(download_->commit());
  if (tree_) TRY(publish_tree());
  if (remove || tree_) TRY(sys::remove_file(paths_.partial()));
  mend_list();
  return {};
}

// Who was killed after the .mod got its name and before `list` got its line is followed by somebody who finds
// the .mod and does not write it again. But then the zip was missing too, which leads here.
void Installation::mend_list() const {
  const auto mod = sys::stat(paths_.mod());
  if (mod && *mod) static_cast<void>(refresh_list_in(paths_.versions_dir()).has_value());
}

// As go: a zip of the right hash that no tree can be made of is kept, so that nobody fetches it again, and an
// unfinished tree goes. What is wrong with the hash comes first. A tree that is there stays, and without a
// .ziphash, which would make it usable. The result is the error to return.
Error Installation::refuse_tree(Bytes zip, const Error& why) {
  const auto h1 = modzip::hash_zip(request_.module, zip);
  const auto unzip_error = [&] { return Error(why).with("unzip " + paths_.zip().native()); };
  if (!h1) return found_.zip && found_.hash ? unzip_error() : h1.error();
  h1_ = *h1;
  tree_.reset();
  const auto keep = [&]() -> Result<void> {
    TRY(agree());
    if (found_.has_tree()) return {};
    if (found_.dir == DirState::partial) TRY(sys::remove_tree(paths_.dir()));
    TRY(publish());
    return sys::remove_file(paths_.partial());
  };
  if (const auto kept = keep(); !kept) return kept.error();
  return unzip_error();
}

Result<void> Installation::publish_tree() {
  auto published = tree_->publish();
  if (published) return {};
  // Only after `go clean -modcache` removed the lock file under us can another have come first.
  const auto state = request_.cache.dir_state(request_.module);
  if (state && *state == DirState::usable) return {};
  return published;
}

Result<Installed> Installation::done(const gomod::H1& h1) const {
  return Installed{.h1 = h1,
                   .zip = paths_.zip(),
                   .dir = request_.options.extract ? paths_.dir() : Path(),
                   .fetched = download_.has_value(),
                   .extracted = tree_.has_value()};
}

Result<Installed> Installation::run() {
  const bool with_tree = request_.options.extract;
  found_ = TRY(look());
  // Before anything is made of it, and also where nothing can be.
  if (found_.zip && found_.hash) TRY(check(*found_.hash));
  if (!found_.complete(request_.options)) {
    const auto lock = TRY(lock_version(paths_, request_.options.stop));
    found_ = TRY(look());
    if (!found_.complete(request_.options)) {
      if (is_incomplete() && request_.options.begins) request_.options.begins();
      sweep_leftovers(paths_);
      TRY(prepare_zip());
      const auto zip = TRY(download_ ? sys::Mapping::of(download_->fd(), download_->temp_path())
                                     : sys::Mapping::open(paths_.zip()));
      const auto examined = examine(zip.bytes());
      if (!examined && examined.error().kind() == Kind::invalid && with_tree)
        return fail(refuse_tree(zip.bytes(), examined.error()));
      TRY(examined);
      TRY(agree());
      TRY(publish());
      return done(h1_);
    }
  }
  TRY(check(*found_.hash));
  return done(*found_.hash);
}

Result<void> copy_zip(const Content& content, sys::AtomicFile& file) {
  if (content.zip_fd >= 0 && ::ioctl(file.fd(), FICLONE, content.zip_fd) == 0) return {};
  return file.write(content.zip);
}

}  // namespace

Result<Installed> Cache::install(const gomod::Module& module, const FetchZip& fetch, const CheckHash& check,
                                 const InstallOptions& options) const {
  if (unusable_) return fail(*unusable_);
  Installation installation({.cache = *this,
                             .module = module,
                             .fetch = fetch,
                             .check = check,
                             .options = options,
                             .read_write = options_.read_write},
                            TRY(paths(module)));
  return installation.run();
}

Result<Installed> Cache::install_content(const gomod::Module& module, const Content& content,
                                         const InstallOptions& options) const {
  bool copied = false;
  const FetchZip fetch = [&](sys::AtomicFile& file) {
    copied = true;
    return copy_zip(content, file);
  };
  const CheckHash check = [&](const gomod::H1& h1) -> Result<void> {
    if (h1 == content.h1) return {};
    return fail(Kind::unverified,
                fmt::format("{} {}, expected {}", copied ? "the zip has" : "the module cache has", h1.str(),
                            content.h1.str()));
  };
  auto installed = TRY(install(module, fetch, check, options));
  if (TRY(mod(module)) != content.mod) TRY(write_mod(module, content.mod));
  if (!TRY(info(module))) {
    TRY(write_info(module, content.info));
    // Who could not go on after the .mod may not have had its line in `list` either.
    static_cast<void>(refresh_list(module.path).has_value());
  }
  return installed;
}

Result<Installed> Cache::extract(const gomod::Module& module, const CheckHash& check,
                                 std::stop_token stop) const {
  const FetchZip none = [](sys::AtomicFile&) -> Result<void> {
    return fail(Kind::not_found, "no zip in the module cache");
  };
  return install(module, none, check, {.extract = true, .stop = std::move(stop)});
}

}  // namespace larder::modcache
