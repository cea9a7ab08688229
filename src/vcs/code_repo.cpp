// SPDX-License-Identifier: Apache-2.0
#include "vcs/code_repo.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "gomod/check.hpp"
#include "gomod/pseudo.hpp"
#include "gomod/semver.hpp"
#include "modzip/limits.hpp"
#include "sys/files.hpp"
#include "vcs/git_zip.hpp"
#include "vcs/module_errors.hpp"

namespace larder::vcs {

namespace {

namespace semver = gomod::semver;
namespace pseudo = gomod::pseudo;

bool has_path_prefix(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

std::string_view trim_slashes(std::string_view text) {
  while (text.starts_with('/')) text.remove_prefix(1);
  while (text.ends_with('/')) text.remove_suffix(1);
  return text;
}

// The elements of both, joined. "." and empty elements vanish; ".." would leave the repository.
Result<std::string> join_dirs(std::string_view dir, std::string_view subdir) {
  std::vector<std::string> out;
  for (const auto part : {dir, subdir}) {
    for (const auto element : split(part, '/')) {
      if (element == "..") return fail(Kind::invalid, "invalid subdirectory " + quote(subdir));
      if (!element.empty() && element != ".") out.emplace_back(element);
    }
  }
  return join(out, "/");
}

// May a go.mod that calls itself `mod_path` stand for a path of this major version?
bool fits_major(std::string_view mod_path, std::string_view path_major) {
  if (mod_path.empty()) return false;
  const auto parts = gomod::split_path_version(mod_path);
  if (!parts) return false;
  if (path_major.empty()) {
    const auto major = gomod::path_major_prefix(parts->major);
    return major.empty() || major == "v0" || major == "v1";
  }
  // "/v2" and ".v2" are the same: versions of a path under gopkg.in may have moved elsewhere.
  return !parts->major.empty() && parts->major.substr(1) == path_major.substr(1);
}

}  // namespace

Error module_error(std::string_view path, Error error) {
  return std::move(error).with("module " + std::string(path));
}

Error version_error(std::string_view path, std::string_view version, Kind kind, std::string_view reason,
                    bool is_pseudo) {
  return {kind,
          gomod::invalid_module_version_text({std::string(path), std::string(version)}, reason, is_pseudo)};
}

Result<std::unique_ptr<CodeRepo>> CodeRepo::open(std::shared_ptr<GitRepo> code, std::string root,
                                                 std::string_view subdir, std::string path) {
  if (!has_path_prefix(path, root)) {
    return fail(Kind::invalid, fmt::format("mismatched repo: found {} for {}", root, path));
  }
  const auto parts = gomod::split_path_version(path);
  if (!parts) return fail(Kind::invalid, fmt::format("invalid module path {}", quote(path)));
  std::unique_ptr<CodeRepo> out(new CodeRepo);
  out->path_prefix_ = root == path ? path : std::string(parts->prefix);
  out->path_major_ = parts->major;
  out->pseudo_major_ = gomod::path_major_prefix(parts->major);
  std::string_view dir;
  if (root != path) {
    if (!has_path_prefix(out->path_prefix_, root)) {
      return fail(Kind::invalid, fmt::format("repository rooted at {} cannot contain module {}", root, path));
    }
    dir = trim_slashes(std::string_view(out->path_prefix_).substr(root.size()));
  }
  out->dir_ = TRY(join_dirs(dir, subdir));
  out->code_ = std::move(code);
  out->root_ = std::move(root);
  out->path_ = std::move(path);
  return out;
}

std::string CodeRepo::in_dir(std::string_view name) const {
  return dir_.empty() ? std::string(name) : dir_ + "/" + std::string(name);
}

// The tag of a version, the commit of a pseudo-version; anything else is itself.
std::string CodeRepo::rev_of(std::string_view version) const {
  if (!semver::valid(version)) return std::string(version);
  if (pseudo::is_pseudo(version)) return pseudo::rev(version).value_or("");
  constexpr std::string_view k_incompatible = "+incompatible";
  if (semver::build(version) == k_incompatible) version.remove_suffix(k_incompatible.size());
  return in_dir(version);
}

Result<bool> CodeRepo::has_go_mod(const std::string& tag, const std::stop_token& stop) const {
  auto text = code_->read_file(tag, "go.mod", modzip::k_max_go_mod, stop);
  if (!text) return fail(module_error(path_, std::move(text).error()));
  return text->has_value();
}

// Of the tags of higher majors at the root: those of majors whose newest tag has no go.mod. They come before
// modules; where the newest proper version has a go.mod, the module means to be v0 or v1.
Result<std::vector<std::string>> CodeRepo::incompatible(const std::vector<std::string>& list,
                                                        const std::vector<std::string>& candidates,
                                                        const std::stop_token& stop) const {
  std::vector<std::string> out;
  if (candidates.empty() || (!list.empty() && TRY(has_go_mod(list.back(), stop)))) return out;
  for (std::size_t i = 0; i < candidates.size();) {
    const std::string major(semver::major(candidates[i]));
    std::size_t end = i;
    while (end < candidates.size() && semver::major(candidates[end]) == major) ++end;
    const bool is_module = TRY(has_go_mod(candidates[end - 1], stop));
    for (; i < end; ++i) {
      if (!is_module) out.push_back(candidates[i] + "+incompatible");
    }
  }
  return out;
}

Result<std::vector<std::string>> CodeRepo::versions(std::stop_token stop) const {
  if (has_no_tags()) return std::vector<std::string>();
  const std::string prefix = in_dir("");
  auto tags = code_->tags(prefix, stop);
  if (!tags) return fail(module_error(path_, std::move(tags).error()));
  std::vector<std::string> list;
  std::vector<std::string> higher;
  for (const auto& tag : tags->list) {
    const std::string version = tag.name.substr(prefix.size());
    if (version.empty() || version != semver::canonical(version) || pseudo::is_pseudo(version)) continue;
    if (gomod::match_path_major(version, path_major_)) {
      list.push_back(version);
    } else if (dir_.empty() && path_major_.empty() && semver::major(version) > "v1") {
      higher.push_back(version);
    }
  }
  std::ranges::sort(list, semver::less);
  std::ranges::sort(higher, semver::less);
  for (auto& version : TRY(incompatible(list, higher, stop))) list.push_back(std::move(version));
  return list;
}

Result<CodeRepo::Found> CodeRepo::look(const std::string& rev, std::string file,
                                       const std::stop_token& stop) const {
  auto text = code_->read_file(rev, file, modzip::k_max_go_mod, stop);
  if (!text) {
    return fail(std::move(text).error().with(fmt::format("reading {}/{} at revision {}", root_, file, rev)));
  }
  std::string named = *text ? gomod::module_path(**text) : std::string();
  return Found{std::move(file), *std::move(text), std::move(named)};
}

Error CodeRepo::wrong_go_mod(const Found& found, std::string_view suffix, std::string_view rev,
                             std::string_view version) const {
  if (found.module_path.empty()) {
    return {Kind::not_found,
            fmt::format("{} is missing module path{} at revision {}", found.file, suffix, rev)};
  }
  const auto about = [&](std::string_view what) {
    return Error(Kind::not_found, fmt::format("{} has {} module path {}{} at revision {}", found.file, what,
                                              quote(found.module_path), suffix, rev));
  };
  if (!path_major_.empty()) return about(fmt::format("non-...{}", path_major_));
  if (!gomod::split_path_version(found.module_path)) return about("malformed");
  return about(fmt::format("post-{}", semver::major(version)));
}

// A module of a higher major version lies in its folder, with the path saying so, or in a subfolder named by
// the version; never in both.
Result<CodeRepo::Place> CodeRepo::find(std::string_view version, const std::stop_token& stop) const {
  if (!semver::valid(version)) {
    return fail(version_error(path_, version, Kind::invalid, "syntax error"));
  }
  const std::string rev = rev_of(version);
  Found plain = TRY(look(rev, in_dir("go.mod"), stop));
  const bool moved = path_major_.empty() && plain.module_path.starts_with("gopkg.in/");
  const bool plain_fits = plain.text && (fits_major(plain.module_path, path_major_) || moved);
  const bool may_nest = !path_major_.empty() && root_ != path_ && !path_major_.starts_with('.');
  if (may_nest) {
    const std::string nested_dir = in_dir(std::string_view(path_major_).substr(1));
    Found nested = TRY(look(rev, nested_dir + "/go.mod", stop));
    const bool nested_fits = nested.text && fits_major(nested.module_path, path_major_);
    if (plain_fits && nested_fits) {
      return fail(Kind::not_found,
                  fmt::format("{}/{} and ...{}/go.mod both have ...{} module paths at revision {}",
                              path_prefix_, plain.file, path_major_, path_major_, rev));
    }
    if (nested_fits) return Place{rev, nested_dir, std::move(nested.text)};
    if (nested.text) {
      nested.file.insert(0, root_ + "/");
      return fail(wrong_go_mod(nested, "", rev, version));
    }
  }
  if (plain_fits) return Place{rev, dir_, std::move(plain.text)};
  if (plain.text) {
    const std::string suffix = may_nest ? fmt::format(" (and ...{}/go.mod does not exist)", path_major_) : "";
    return fail(wrong_go_mod(plain, suffix, rev, version));
  }
  if (dir_.empty() && (path_major_.empty() || path_major_.starts_with('.')))
    return Place{rev, "", std::nullopt};
  const std::string also = may_nest ? fmt::format(" and ...{}/go.mod", path_major_) : "";
  return fail(Kind::not_found, fmt::format("missing {}/go.mod{} at revision {}", path_prefix_, also, rev));
}

std::optional<Origin> CodeRepo::tags_origin(std::string_view prefix, std::stop_token stop) const {
  if (has_no_tags()) return std::nullopt;
  auto tags = code_->tags(in_dir(prefix), std::move(stop));
  if (!tags) return std::nullopt;
  tags->origin.subdir = dir_;
  return std::move(tags->origin);
}

Result<VersionInfo> CodeRepo::stat(std::string_view rev, std::stop_token stop,
                                   std::optional<Origin>* failed_from) const {
  if (rev == "latest") return latest(stop, failed_from);
  const auto revision = code_->stat(rev_of(rev), stop);
  if (revision) return converted(*revision, rev, failed_from, stop);
  if (failed_from != nullptr && revision.error().kind() == Kind::not_found) {
    if (auto state = code_->state(stop)) *failed_from = *std::move(state);
  }
  return fail(version_error(path_, rev, revision.error().kind(), revision.error().message())
                  .with_hint(revision.error().hint()));
}

Result<VersionInfo> CodeRepo::latest(std::stop_token stop, std::optional<Origin>* failed_from) const {
  auto revision = code_->latest(stop);
  if (!revision) return fail(module_error(path_, std::move(revision).error()));
  return converted(*revision, "", failed_from, stop);
}

// A revision that is no version of this module stays none as long as it stays the revision.
Result<VersionInfo> CodeRepo::converted(const Revision& revision, std::string_view asked,
                                        std::optional<Origin>* failed_from,
                                        const std::stop_token& stop) const {
  auto out = convert(revision, asked, stop);
  if (!out && failed_from != nullptr) {
    *failed_from = revision.origin;
    (*failed_from)->subdir = dir_;
  }
  return out;
}

Result<void> CodeRepo::confirm_origin(const Origin& old, std::stop_token stop) const {
  return code_->confirm(old, dir_, std::move(stop));
}

// A pseudo-version given by a user may lie about its time and base.
Result<void> CodeRepo::confirm(std::string_view version, const std::stop_token& stop) const {
  if (pseudo::is_pseudo(version)) TRY(stat(version, stop));
  return {};
}

Result<std::string> CodeRepo::go_mod_of(std::string_view version, const std::stop_token& stop) const {
  auto place = TRY(find(version, stop));
  return place.go_mod ? *std::move(place.go_mod) : gomod::synthesize_mod(path_);
}

Result<std::string> CodeRepo::go_mod(std::string_view version, std::stop_token stop) const {
  TRY(confirm(version, stop));
  auto text = go_mod_of(version, stop);
  if (!text) return fail(std::move(text).error().with(path_ + "@" + std::string(version)));
  return text;
}

Result<void> CodeRepo::zip(std::string_view version, const modzip::Sink& sink, std::stop_token stop) const {
  TRY(confirm(version, stop));
  const std::string name = path_ + "@" + std::string(version);
  const auto place = TRY(find(version, stop).context(name));
  return write_zip(version, place, sink, stop).context(name);
}

Result<void> CodeRepo::write_zip(std::string_view version, const Place& place, const modzip::Sink& sink,
                                 const std::stop_token& stop) const {
  const auto folder = TRY(sys::TempDir::create("larder-git-"));
  auto file = TRY(sys::AtomicFile::create(folder.path() / "archive.zip"));
  TRY(code_->archive(place.rev, place.dir, file.fd(), stop));
  ArchiveZip archive;
  archive.module = {path_, std::string(version)};
  archive.dir = place.dir;
  archive.license = [&] { return code_->read_file(place.rev, "LICENSE", modzip::k_max_license, stop); };
  const auto bytes = TRY(sys::Mapping::of(file.fd(), file.temp_path()));
  return module_zip_of_archive(bytes.bytes(), archive, sink);
}

Result<std::vector<gomod::Retract>> CodeRepo::read_retractions(const std::stop_token& stop) const {
  auto list = TRY(versions(stop));
  const auto first = std::ranges::find_if(list, [](const auto& v) { return v.ends_with("+incompatible"); });
  list.erase(first, list.end());
  if (list.empty()) return std::vector<gomod::Retract>();
  auto highest =
      std::find_if(list.rbegin(), list.rend(), [](const auto& v) { return semver::prerelease(v).empty(); });
  if (highest == list.rend()) highest = list.rbegin();
  const auto file = TRY(gomod::parse_mod_lax("go.mod", TRY(go_mod_of(*highest, stop))));
  std::vector<gomod::Retract> out = file.retract;
  for (auto& retract : out) retract.line = nullptr;  // does not outlive the file
  return out;
}

bool CodeRepo::retracted(std::string_view version, const std::stop_token& stop) const {
  const std::lock_guard lock(mutex_);
  if (!retractions_) retractions_ = read_retractions(stop).value_or(std::vector<gomod::Retract>());
  return std::ranges::any_of(*retractions_, [&](const gomod::Retract& retract) {
    return semver::compare(retract.low, version) <= 0 && semver::compare(version, retract.high) <= 0;
  });
}

}  // namespace larder::vcs
