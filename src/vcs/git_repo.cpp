// SPDX-License-Identifier: Apache-2.0
#include "vcs/git_repo.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "vcs/clone_dir.hpp"
#include "vcs/git_command.hpp"
#include "vcs/refs.hpp"

namespace larder::vcs {

namespace {

using Reach = Git::Reach;

constexpr std::size_t k_min_hash = 7;     // digits that git prints; fewer are no commit
constexpr std::size_t k_short_hash = 12;  // digits in a pseudo-version
constexpr std::string_view k_heads = "refs/heads/";
// Neither attribute may change what a version's zip holds.
constexpr std::string_view k_attributes = "\n* -export-subst -export-ignore\n";
constexpr std::string_view k_private_hint =
    "Confirm the import path was entered correctly.\nIf this is a private repository, see "
    "https://golang.org/doc/faq#git_https for additional information.";

Error unknown_revision(std::string_view rev) {
  return {Kind::not_found, "unknown revision " + std::string(rev)};
}

// "v1.2.3," of "tag: v1.2.3, tag: v1.2.4" in what `git log` prints after hash and time.
void add_decorations(const std::vector<std::string_view>& words, std::vector<std::string>& tags) {
  for (std::size_t i = 2; i + 1 < words.size(); ++i) {
    if (words[i] != "tag:") continue;
    std::string_view tag = words[++i];
    if (tag.ends_with(',')) tag.remove_suffix(1);
    tags.emplace_back(tag);
  }
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

Result<void> check_remote(std::string_view url) {
  const std::string shown = "git remote (" + std::string(url) + ")";
  const auto parts = cut(url, "://");
  if (!parts) {
    if (url.find(':') == std::string_view::npos) {
      return fail(Kind::invalid, shown + " must not be local directory");
    }
    return fail(Kind::invalid, shown + " must not be local directory (use URL syntax not host:path syntax)");
  }
  const auto& [scheme, rest] = *parts;
  static constexpr std::string_view k_schemes[] = {"https", "http", "git", "ssh", "git+ssh", "ssh+git"};
  if (std::ranges::find(k_schemes, scheme) == std::ranges::end(k_schemes)) {
    return fail(Kind::invalid, shown + ": scheme " + quote(scheme) + " is not allowed");
  }
  const std::string_view authority = rest.substr(0, rest.find('/'));
  const std::string_view host = authority.substr(authority.rfind('@') + 1);
  if (host.empty() || host.starts_with('-') || authority.starts_with('-')) {
    return fail(Kind::invalid, shown + ": malformed host");
  }
  if (std::ranges::any_of(url, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; })) {
    return fail(Kind::invalid, "git remote " + quote(url) + ": malformed URL");
  }
  return {};
}

class GitRepo::Impl {
 public:
  Impl(std::string url, CloneDir clone, GitOptions options)
      : url_(std::move(url)),
        options_(std::move(options)),
        clone_(std::move(clone)),
        git_(clone_.path(), url_, options_) {}

  const std::string& url() const { return url_; }
  std::unique_lock<std::mutex> enter() { return std::unique_lock(mutex_); }

  Result<void> prepare(const std::stop_token& stop);
  Result<const Refs*> refs(const std::stop_token& stop);
  Result<Revision> stat_cached(const std::string& rev, const std::stop_token& stop);
  Result<std::optional<std::string>> read_file(const std::string& rev, const std::string& file,
                                               std::uint64_t limit, const std::stop_token& stop);
  Result<std::vector<std::string>> merged_tags(const std::string& commit, const std::stop_token& stop);
  Result<void> fetch_history(const std::stop_token& stop);
  Result<bool> descends_from(const std::string& rev, const std::string& tag, const std::stop_token& stop);
  Result<void> archive(const std::string& rev, const std::string& subdir, int fd,
                       const std::stop_token& stop);

 private:
  struct Target {
    std::string rev;
    Named named;
  };

  Result<Refs> ask_refs(const std::stop_token& stop);
  Result<Revision> stat(const std::string& rev, const std::stop_token& stop);
  Result<Target> resolve(std::string rev, const std::stop_token& stop);
  Result<Revision> stat_fetched(Target& target, bool look_locally, const std::stop_token& stop);
  Result<std::optional<Revision>> stat_held(const Target& target, const std::stop_token& stop);
  Result<Revision> stat_local(const std::string& version, const std::string& rev,
                              const std::stop_token& stop);
  Result<std::optional<Revision>> fetch_shallow(const Target& target, const std::stop_token& stop);
  Result<void> fetch_all(const std::stop_token& stop);
  Result<void> write_attributes() const;
  bool looks_like_hash(std::string_view rev) const {
    return rev.size() >= k_min_hash && rev.size() <= hash_length_ && all_hex(rev);
  }

  const std::string url_;
  const GitOptions options_;
  const CloneDir clone_;
  const Git git_;

  std::mutex mutex_;  // all below
  std::string remote_ = "origin";
  std::optional<Result<Refs>> refs_;
  std::optional<std::set<std::string, std::less<>>> local_tags_;
  std::map<std::string, Result<Revision>> stats_;
  std::size_t hash_length_ = 40;
  bool all_fetched_ = false;
};

Result<Refs> GitRepo::Impl::ask_refs(const std::stop_token& stop) {
  const std::vector<std::string> words = {"git", "ls-remote", "-q", "--end-of-options", remote_};
  const auto done = TRY(git_.run(words, Reach::remote, stop));
  if (done.exit_code == 0) return parse_refs(done.out);
  Error error = git_.error(words, done);
  if (done.err.find("fatal: could not read Username") != std::string::npos) {
    error = Error(error.kind(), error.message() + "\n" + std::string(k_private_hint));
  }
  const auto says = [&](std::string_view text) { return done.err.find(text) != std::string::npos; };
  const bool web = url_.starts_with("https://") || url_.starts_with("http://");
  const bool unreachable = says("unable to access") && !says("returned error");  // no use asking once more
  if (web && !unreachable && options_.is_absent && options_.is_absent(url_, stop)) {
    error = Error(Kind::not_found, error.message(), error.hint());
  }
  return fail(std::move(error));
}

// Asked once; also a failure is an answer, but not that we were told to stop.
Result<const Refs*> GitRepo::Impl::refs(const std::stop_token& stop) {
  if (!refs_) {
    auto answer = ask_refs(stop);
    if (!answer && answer.error().kind() == Kind::cancelled) return fail(answer.error());
    refs_ = std::move(answer);
  }
  if (!*refs_) return fail(refs_->error());
  return &**refs_;
}

Result<void> GitRepo::Impl::prepare(const std::stop_token& stop) {
  const auto held = TRY(clone_.lock(stop));
  const auto make = [&]() -> Result<void> {
    remote_ = url_;
    const auto known = refs(stop);
    const bool sha256 = known && !(*known)->empty() && (*known)->begin()->second.size() == 64;
    remote_ = "origin";
    const std::string format = sha256 ? "--object-format=sha256" : "--object-format=sha1";
    TRY(git_.output({"git", "init", "--bare", format}, Reach::local, stop));
    TRY(git_.output({"git", "remote", "add", "origin", "--", url_}, Reach::local, stop));
    return {};
  };
  if (!TRY(sys::stat(clone_.path() / "objects"))) {
    if (auto made = make(); !made) {
      static_cast<void>(sys::remove_tree(clone_.path()));
      return made;
    }
  }
  const auto format = TRY(git_.run({"git", "config", "extensions.objectformat"}, Reach::local, stop));
  if (format.exit_code == 0 && trim(format.out) == "sha256") hash_length_ = 64;
  return {};
}

Result<Revision> GitRepo::Impl::stat_cached(const std::string& rev, const std::stop_token& stop) {
  if (const auto it = stats_.find(rev); it != stats_.end()) return it->second;
  auto answer = stat(rev, stop);
  if (answer || answer.error().kind() != Kind::cancelled) stats_.emplace(rev, answer);
  return answer;
}

Result<Revision> GitRepo::Impl::stat(const std::string& rev, const std::stop_token& stop) {
  const bool is_hash = looks_like_hash(rev);
  if (is_hash) {
    if (auto local = stat_local(rev, rev, stop)) return local;
  }
  if (!local_tags_) {
    local_tags_.emplace();
    const auto tags = TRY(git_.run({"git", "tag", "-l"}, Reach::local, stop));
    for (const auto tag : lines(tags.out)) local_tags_->emplace(tag);
  }
  if (local_tags_->contains(rev)) return stat_local(rev, std::string(k_tags) + rev, stop);

  Target target = TRY(resolve(rev, stop));
  Revision out = TRY(stat_fetched(target, !is_hash, stop));
  out.origin.hash = out.name;
  if (!target.named.ref.empty()) out.origin.ref = target.named.ref;
  return out;
}

// What a name means on the server. A branch and HEAD move, so they stand for the commit; tags do not.
Result<GitRepo::Impl::Target> GitRepo::Impl::resolve(std::string rev, const std::stop_token& stop) {
  const Refs& known = *TRY(refs(stop));
  const auto find = [&](const std::string& ref) -> std::optional<Named> {
    const auto it = known.find(ref);
    return it == known.end() ? std::nullopt : std::optional<Named>({ref, it->second});
  };
  if (auto tag = find(std::string(k_tags) + rev)) return Target{std::move(rev), *std::move(tag)};
  auto branch = find(std::string(k_heads) + rev);
  if (!branch && rev == "HEAD") branch = find("HEAD");
  if (branch) return Target{branch->hash, *branch};
  if (!looks_like_hash(rev)) return fail(unknown_revision(rev));
  Named named = TRY(find_commit(known, rev));
  if (!named.hash.empty()) {
    rev = named.hash;
  } else if (rev.size() == hash_length_) {
    named.hash = rev;
  }
  return Target{std::move(rev), std::move(named)};
}

Result<Revision> GitRepo::Impl::stat_fetched(Target& target, bool look_locally, const std::stop_token& stop) {
  const auto held = TRY(clone_.lock(stop));
  if (look_locally) {
    if (auto found = TRY(stat_held(target, stop))) return *std::move(found);
  }
  if (!all_fetched_ && !target.named.ref.empty() && !target.named.hash.empty()) {
    auto found = TRY(fetch_shallow(target, stop));
    if (target.named.ref == "HEAD") target.named.ref.clear();  // as go: what was fetched is the commit
    if (found) return *std::move(found);
  }
  TRY(fetch_all(stop));
  return stat_local(target.rev, target.rev, stop);
}

// An earlier fetch may have brought the commit, perhaps without its tag.
Result<std::optional<Revision>> GitRepo::Impl::stat_held(const Target& target, const std::stop_token& stop) {
  const auto& [ref, hash] = target.named;
  auto found = stat_local(target.rev, hash, stop);
  if (!found) return std::nullopt;
  if (!ref.starts_with(k_tags)) return *std::move(found);
  const std::string tag = ref.substr(k_tags.size());
  if (std::ranges::binary_search(found->tags, tag)) return *std::move(found);
  TRY(git_.output({"git", "tag", "--end-of-options", tag, hash}, Reach::local, stop));
  local_tags_->insert(tag);
  return TRY(stat_local(target.rev, ref, stop));
}

// nullopt: it did not work, for whatever reason. Servers and versions of git differ too much in what they
// say.
Result<std::optional<Revision>> GitRepo::Impl::fetch_shallow(const Target& target,
                                                             const std::stop_token& stop) {
  const bool head = target.named.ref == "HEAD";
  const std::string& ref = head ? target.named.hash : target.named.ref;
  // A name of its own makes git bring the tags of that commit as well.
  const std::string spec = ref + ":" + (head ? "refs/dummy" : ref);
  const auto done = TRY(git_.run(
      {"git", "-c", "protocol.version=2", "fetch", "-f", "--depth=1", "--end-of-options", remote_, spec},
      Reach::remote, stop));
  if (done.exit_code != 0) return std::nullopt;
  return TRY(stat_local(target.rev, ref, stop));
}

// In two steps: git up to 2.23 loses refs when it widens and deepens at once.
Result<void> GitRepo::Impl::fetch_all(const std::stop_token& stop) {
  if (all_fetched_) return {};
  TRY(git_.output({"git", "fetch", "-f", "--end-of-options", remote_, "refs/heads/*:refs/heads/*",
                   "refs/tags/*:refs/tags/*"},
                  Reach::remote, stop));
  if (TRY(sys::stat(clone_.path() / "shallow"))) {
    TRY(git_.output({"git", "fetch", "--unshallow", "-f", "--end-of-options", remote_}, Reach::remote, stop));
  }
  all_fetched_ = true;
  return {};
}

Result<void> GitRepo::Impl::fetch_history(const std::stop_token& stop) {
  const auto held = TRY(clone_.lock(stop));
  return fetch_all(stop);
}

Result<Revision> GitRepo::Impl::stat_local(const std::string& version, const std::string& rev,
                                           const std::stop_token& stop) {
  const auto done = TRY(git_.run({"git", "-c", "log.showsignature=false", "log", "--no-decorate", "-n1",
                                  "--format=format:%H %ct %D", "--end-of-options", rev, "--"},
                                 Reach::local, stop));
  if (done.exit_code != 0) return fail(unknown_revision(rev));
  const auto words = fields(done.out);
  if (words.size() < 2) return fail(Kind::invalid, "unexpected response from git log: " + quote(done.out));
  const auto time = parse_time(words[1]);
  if (!time) return fail(Kind::invalid, "invalid time from git log: " + quote(done.out));
  Revision out;
  out.name = words[0];
  out.short_name = out.name.substr(0, k_short_hash);
  out.version = out.name;
  out.time = *time;
  out.origin.vcs = "git";
  out.origin.url = url_;
  out.origin.hash = out.name;
  if (!out.name.starts_with(rev)) out.origin.ref = rev;
  add_decorations(words, out.tags);
  // A shallow fetch does not bring every tag of the commit, the server's list does.
  if (const auto known = refs(stop)) {
    for (const auto& tag : tags_with_prefix(**known, url_, "").list) {
      if (tag.hash == out.name) out.tags.push_back(tag.name);
    }
  }
  std::ranges::sort(out.tags);
  const auto repeated = std::ranges::unique(out.tags);
  out.tags.erase(repeated.begin(), repeated.end());
  if (std::ranges::binary_search(out.tags, version)) out.version = version;
  return out;
}

Result<std::optional<std::string>> GitRepo::Impl::read_file(const std::string& rev, const std::string& file,
                                                            std::uint64_t limit,
                                                            const std::stop_token& stop) {
  const Revision revision = TRY(stat_cached(rev, stop));
  auto done = TRY(git_.run({"git", "cat-file", "--end-of-options", "blob", revision.name + ":" + file},
                           Reach::local, stop));
  if (done.exit_code != 0) return std::nullopt;
  if (done.out.size() > limit) return fail(Kind::invalid, file + " file too large");
  return std::move(done.out);
}

Result<std::vector<std::string>> GitRepo::Impl::merged_tags(const std::string& commit,
                                                            const std::stop_token& stop) {
  LARDER_ASSERT(all_hex(commit));
  const std::string text = TRY(
      git_.output({"git", "for-each-ref", "--format=%(refname)", "--merged=" + commit}, Reach::local, stop));
  std::vector<std::string> out;
  for (const auto line : lines(text)) {
    const auto ref = trim(line);
    if (ref.starts_with(k_tags)) out.emplace_back(ref.substr(k_tags.size()));
  }
  return out;
}

Result<bool> GitRepo::Impl::descends_from(const std::string& rev, const std::string& tag,
                                          const std::stop_token& stop) {
  const std::vector<std::string> words = {"git", "merge-base", "--is-ancestor", "--", tag, rev};
  if (TRY(git_.run(words, Reach::local, stop)).exit_code == 0) return true;
  // "No" may only mean that the clone is shallow.
  if (tags_with_prefix(*TRY(refs(stop)), url_, tag).list.empty()) return false;
  TRY(stat(rev, stop));
  TRY(fetch_history(stop));
  const auto done = TRY(git_.run(words, Reach::local, stop));
  if (done.exit_code > 1) return fail(git_.error(words, done));
  return done.exit_code == 0;
}

Result<void> GitRepo::Impl::write_attributes() const {
  const Path folder = clone_.path() / "info";
  TRY(sys::make_dirs(folder, 0755));
  const Path path = folder / "attributes";
  const auto old = TRY(sys::read_file_if_exists(path)).value_or("");
  if (old.ends_with(k_attributes)) return {};
  return sys::write_file(path, as_bytes(old + std::string(k_attributes)));
}

Result<void> GitRepo::Impl::archive(const std::string& rev, const std::string& subdir, int fd,
                                    const std::stop_token& stop) {
  const Revision revision = TRY(stat_cached(rev, stop));
  const auto held = TRY(clone_.lock(stop));
  TRY(write_attributes());
  std::vector<std::string> words = {"git",
                                    "-c",
                                    "core.autocrlf=input",
                                    "-c",
                                    "core.eol=lf",
                                    "archive",
                                    "--format=zip",
                                    "--prefix=prefix/",
                                    "--end-of-options",
                                    revision.name};
  if (!subdir.empty()) words.push_back(subdir);
  const auto done = TRY(git_.run(words, Reach::local, stop, fd));
  if (done.exit_code == 128 + SIGXFSZ) return fail(Kind::invalid, "downloaded zip file too large");
  if (done.exit_code == 0) return {};
  const bool absent = done.err.find("did not match any files") != std::string::npos;
  if (absent) return fail(Kind::not_found, "file does not exist");
  return fail(git_.error(words, done));
}

bool is_git_repository(const std::string& url, const GitOptions& options, std::stop_token stop) {
  if (!check_remote(url) || !sys::make_dirs(options.modcache)) return false;
  const Git git(options.modcache, url, options, Git::Dir::plain);
  const auto done = git.run({"git", "ls-remote", "--end-of-options", url}, Reach::remote, stop);
  return done && done->exit_code == 0;
}

GitRepo::GitRepo(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
GitRepo::~GitRepo() = default;

Result<std::unique_ptr<GitRepo>> GitRepo::open(std::string url, GitOptions options, std::stop_token stop) {
  TRY(check_remote(url));
  auto clone = TRY(CloneDir::open(options.modcache, "git3", url, stop));
  auto impl = std::make_unique<Impl>(std::move(url), std::move(clone), std::move(options));
  TRY(impl->prepare(stop));
  return std::unique_ptr<GitRepo>(new GitRepo(std::move(impl)));
}

const std::string& GitRepo::url() const {
  return impl_->url();
}
Result<Tags> GitRepo::tags(std::string_view prefix, std::stop_token stop) {
  const auto lock = impl_->enter();
  return tags_with_prefix(*TRY(impl_->refs(stop)), impl_->url(), prefix);
}
Result<Origin> GitRepo::state(std::stop_token stop) {
  const auto lock = impl_->enter();
  Origin out;
  out.repo_sum = repo_sum(*TRY(impl_->refs(stop)));
  out.vcs = "git";
  out.url = impl_->url();
  return out;
}
Result<void> GitRepo::confirm(const Origin& old, std::string_view subdir, std::stop_token stop) {
  TRY(check_origin(old, url(), subdir));
  const auto lock = impl_->enter();
  return still_holds(old, *TRY(impl_->refs(stop)));
}
Result<Revision> GitRepo::stat(std::string_view rev, std::stop_token stop) {
  if (rev == "latest") return latest(stop);
  const auto lock = impl_->enter();
  return impl_->stat_cached(std::string(rev), stop);
}
Result<Revision> GitRepo::latest(std::stop_token stop) {
  const auto lock = impl_->enter();
  const Refs& refs = *TRY(impl_->refs(stop));
  const auto head = refs.find("HEAD");
  if (head == refs.end()) return fail(Kind::not_found, "no commits");
  Revision out = TRY(impl_->stat_cached(head->second, stop));
  out.origin.ref = "HEAD";
  out.origin.hash = head->second;
  return out;
}
Result<std::optional<std::string>> GitRepo::read_file(std::string_view rev, std::string_view file,
                                                      std::uint64_t limit, std::stop_token stop) {
  const auto lock = impl_->enter();
  return impl_->read_file(std::string(rev), std::string(file), limit, stop);
}
Result<std::vector<std::string>> GitRepo::merged_tags(std::string_view commit, std::stop_token stop) {
  const auto lock = impl_->enter();
  return impl_->merged_tags(std::string(commit), stop);
}
Result<void> GitRepo::fetch_history(std::stop_token stop) {
  const auto lock = impl_->enter();
  return impl_->fetch_history(stop);
}
Result<bool> GitRepo::descends_from(std::string_view rev, std::string_view tag, std::stop_token stop) {
  const auto lock = impl_->enter();
  return impl_->descends_from(std::string(rev), std::string(tag), stop);
}
Result<void> GitRepo::archive(std::string_view rev, std::string_view subdir, int fd, std::stop_token stop) {
  const auto lock = impl_->enter();
  return impl_->archive(std::string(rev), std::string(subdir), fd, stop);
}

}  // namespace larder::vcs
