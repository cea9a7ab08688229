// SPDX-License-Identifier: Apache-2.0
// What a commit is called as a version of a module. One file because one decision: the tag that was asked
// for, else the best tag on the commit, else a pseudo-version after the nearest tag before it; a
// pseudo-version that was asked for has to be the one we would have made.
#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "gomod/check.hpp"
#include "gomod/pseudo.hpp"
#include "gomod/semver.hpp"
#include "modzip/limits.hpp"
#include "vcs/code_repo.hpp"
#include "vcs/module_errors.hpp"
#include "vcs/utc.hpp"

namespace larder::vcs {

namespace {

namespace semver = gomod::semver;
namespace pseudo = gomod::pseudo;

constexpr std::string_view k_incompatible = "+incompatible";

std::string_view without_incompatible(std::string_view version) {
  if (version.ends_with(k_incompatible)) version.remove_suffix(k_incompatible.size());
  return version;
}

// `pseudo-version "V" invalid: REASON` without what stands before the reason.
std::string reason_of(const Error& error) {
  const auto parts = cut(error.message(), " invalid: ");
  return std::string(parts ? parts->second : std::string_view(error.message()));
}

struct TagVersion {
  std::string version;     // canonical; empty: the tag is no version
  bool canonical = false;  // the tag says exactly that
};

}  // namespace

class CodeRepo::Naming {
 public:
  Naming(const CodeRepo& repo, const Revision& revision, std::string_view asked, const std::stop_token& stop)
      : repo_(repo), revision_(revision), asked_(asked), stop_(stop), tag_prefix_(repo.in_dir("")) {}

  Result<std::string> name() {
    if (pseudo::is_pseudo(asked_)) {
      auto version = TRY(check(asked_));
      TRY(validate(asked_));
      return version;
    }
    if (const auto tag = version_of(revision_.version); tag.canonical) {
      if (auto version = check(tag.version)) return version;
    }
    std::string base;
    std::string best;
    for (const auto& tag : revision_.tags) {
      const auto [version, canonical] = version_of(tag);
      if (!asked_.empty() && semver::compare(version, asked_) == 0) {
        if (canonical) return check(version);
        base = version;
      }
      if (canonical && semver::compare(best, version) < 0 && !repo_.retracted(version, stop_) &&
          allowed(version)) {
        best = version;
      }
    }
    if (!best.empty()) return check(best);
    if (base.empty()) base = TRY(recent_version());
    const auto time = utc_digits(revision_.time);
    if (!time) return fail(refuse(asked_, "commit time out of range"));
    return check(pseudo::make(repo_.pseudo_major_, base, *time, revision_.short_name));
  }

 private:
  Error refuse(std::string_view version, std::string_view reason, bool is_pseudo = false) const {
    return version_error(repo_.path_, version, Kind::invalid, reason, is_pseudo);
  }
  Error refuse_pseudo(std::string_view reason) const { return refuse(asked_, reason, true); }

  TagVersion version_of(std::string_view tag) const {
    if (!tag.starts_with(tag_prefix_) || pseudo::is_pseudo(tag)) return {};
    const auto name = tag.substr(tag_prefix_.size());
    std::string version = semver::canonical(name);
    if (version.empty() || !name.starts_with(version)) return {};  // also "v1", "v1.2"
    const bool canonical = version == name;
    return {std::move(version), canonical};
  }

  bool has_file(const std::string& file) {
    const auto it = files_.find(file);
    if (it != files_.end()) return it->second;
    const auto text = repo_.code_->read_file(revision_.name, file, modzip::k_max_go_mod, stop_);
    return files_[file] = text && text->has_value();
  }

  // A high version without /vN in the path is for repositories from before modules only.
  bool may_be_incompatible(std::string_view version) {
    if (!repo_.dir_.empty() || !repo_.path_major_.empty() || has_file("go.mod")) return false;
    if (asked_.ends_with(k_incompatible)) return true;
    return !has_file(std::string(semver::major(version)) + "/go.mod");
  }
  bool allowed(std::string_view version) {
    return gomod::match_path_major(version, repo_.path_major_) || may_be_incompatible(version);
  }

  // The version in the form it is written, with +incompatible where it has to have that; an error where this
  // commit has no module that may be called so.
  Result<std::string> check(std::string version) {
    if (const auto place = repo_.find(version, stop_); !place) {
      const Kind kind = place.error().kind() == Kind::cancelled ? Kind::cancelled : Kind::not_found;
      return fail(version_error(repo_.path_, version, kind, place.error().message()));
    }
    const std::string plain(without_incompatible(version));
    if (version == without_incompatible(asked_)) version = asked_;
    std::optional<Error> wrong;
    if (!gomod::match_path_major(plain, repo_.path_major_)) {
      if (may_be_incompatible(plain)) {
        version = plain + std::string(k_incompatible);
      } else if (!repo_.path_major_.empty()) {
        wrong = refuse(version, "module path includes a major version suffix, so major version must match");
      } else {
        wrong = refuse(version,
                       fmt::format("module contains a go.mod file, so module path must match major "
                                   "version ({})",
                                   quote(repo_.path_prefix_ + "/" + std::string(semver::major(version)))));
      }
    } else if (version.ends_with(k_incompatible)) {
      wrong = refuse(version, fmt::format("+incompatible suffix not allowed: major version {} is compatible",
                                          semver::major(version)));
    }
    if (!asked_.empty() && asked_ == semver::canonical_version(asked_)) {
      if (const auto wanted = without_incompatible(asked_); wanted != plain) {
        return fail(refuse(asked_, fmt::format("resolves to version {} ({} is not a tag)", version, wanted)));
      }
    }
    if (wrong) return fail(*std::move(wrong));
    return version;
  }

  // The highest allowed tag among the ancestors; "" where there is none.
  Result<std::string> recent_version() {
    auto best = TRY(highest(TRY(repo_.code_->merged_tags(revision_.name, stop_))));
    if (!best.empty()) return best;
    if (TRY(repo_.code_->tags(tag_prefix_ + "v", stop_)).list.empty()) return best;
    TRY(repo_.code_->fetch_history(stop_));  // the clone may just be too shallow to see one
    return highest(TRY(repo_.code_->merged_tags(revision_.name, stop_)));
  }
  Result<std::string> highest(const std::vector<std::string>& tags) {
    std::string best;
    for (const auto& tag : tags) {
      if (stop_.stop_requested()) return fail(Kind::cancelled, "cancelled");
      const auto version = version_of(tag).version;
      if (version.empty() || !allowed(version) || repo_.retracted(version, stop_)) continue;
      if (semver::compare(version, best) > 0) best = version;
    }
    return best;
  }

  Result<void> validate(std::string_view version) const {
    const auto rev = pseudo::rev(version);
    if (!rev) return fail(refuse_pseudo(reason_of(rev.error())));
    if (*rev != revision_.short_name) {
      const auto expected = fmt::format(" (expected {})", revision_.short_name);
      if (rev->starts_with(revision_.short_name))
        return fail(refuse_pseudo("revision is longer than canonical" + expected));
      if (revision_.short_name.starts_with(*rev)) {
        return fail(refuse_pseudo("revision is shorter than canonical" + expected));
      }
      return fail(refuse_pseudo("does not match short name of revision" + expected));
    }
    if (const auto time = pseudo::time_rfc3339(version); !time)
      return fail(refuse_pseudo(reason_of(time.error())));
    const auto made = utc_digits(revision_.time).value_or("");
    if (pseudo::time(version).value_or("") != made) {
      return fail(refuse_pseudo(fmt::format("does not match version-control timestamp (expected {})", made)));
    }
    const auto base = pseudo::base(without_incompatible(version));
    if (!base) return fail(refuse_pseudo(reason_of(base.error())));
    if (base->empty()) {
      if (!repo_.pseudo_major_.empty() || semver::major(version) != "v1") return {};
      return fail(refuse_pseudo("major version without preceding tag must be v0, not v1"));
    }
    return validate_base(*base, *rev);
  }

  Result<void> validate_base(const std::string& base, std::string_view rev) const {
    for (const auto& tag : revision_.tags) {
      if (tag != tag_prefix_ + base && tag != base) continue;
      return fail(
          refuse_pseudo(fmt::format("tag ({}) found on revision {} is already canonical, so should not be "
                                    "replaced with a pseudo-version derived from that tag",
                                    tag, rev)));
    }
    auto tags = repo_.code_->tags(tag_prefix_ + base, stop_);
    if (!tags) return fail(refuse_pseudo(tags.error().message()));
    std::string last;
    for (const auto& tag : tags->list) {
      if (semver::compare(std::string_view(tag.name).substr(tag_prefix_.size()), base) != 0) continue;
      last = tag.name;
      const auto descends = repo_.code_->descends_from(revision_.name, tag.name, stop_);
      if (!descends) return fail(refuse_pseudo(descends.error().message()));
      if (*descends) return {};
    }
    if (last.empty()) return fail(refuse_pseudo(fmt::format("preceding tag ({}) not found", base)));
    return fail(
        refuse_pseudo(fmt::format("revision {} is not a descendent of preceding tag ({})", rev, last)));
  }

  const CodeRepo& repo_;
  const Revision& revision_;
  const std::string asked_;  // "" for "whatever this is"
  const std::stop_token& stop_;
  const std::string tag_prefix_;  // "sub/", "" at the root
  std::map<std::string, bool> files_;
};

Result<VersionInfo> CodeRepo::convert(const Revision& revision, std::string_view asked,
                                      const std::stop_token& stop) const {
  VersionInfo out;
  out.version = TRY(Naming(*this, revision, asked, stop).name());
  out.time = revision.time;
  out.origin = revision.origin;
  out.origin.subdir = dir_;
  const bool fixed = out.version == asked && out.version.starts_with("v0.0.0-");  // no tag can change it
  if (!pseudo::is_pseudo(out.version) || fixed) return out;
  std::string prefix = in_dir("");
  if (!path_major_.empty()) prefix += path_major_.substr(1) + ".";
  const auto tags = TRY(code_->tags(prefix, stop));
  out.origin.tag_prefix = tags.origin.tag_prefix;
  out.origin.tag_sum = tags.origin.tag_sum;
  return out;
}

}  // namespace larder::vcs
