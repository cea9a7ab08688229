// SPDX-License-Identifier: Apache-2.0
// One module in a repository: which tags are its versions, where its go.mod lies, what a branch or a commit
// is called as a version, and its zip. The rules and the texts of refusals are the go command's.
//
// Errors name the module: `M@V: invalid version: …`, `module M: …`. Kind::not_found where the revision or the
// module in it does not exist, Kind::invalid where the version is not what this commit is called.
// Thread rule: as GitRepo. Spec: go-modules.md 4.5, 4.8, 7.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "gomod/modfile.hpp"
#include "modzip/write.hpp"
#include "vcs/git_repo.hpp"

namespace larder::vcs {

struct VersionInfo {
  std::string version;
  std::int64_t time = 0;  // seconds since 1970
  Origin origin;
};

class CodeRepo {
 public:
  // root: the module path of the repository; subdir: the folder in it that root stands for. path lies below
  // root. Kind::invalid, without the module's name.
  static Result<std::unique_ptr<CodeRepo>> open(std::shared_ptr<GitRepo> code, std::string root,
                                                std::string_view subdir, std::string path);

  // Tagged versions in semver order.
  Result<std::vector<std::string>> versions(std::stop_token stop) const;
  // From what the tags that begin with prefix ("" or "v1.") are known; nullopt: nothing.
  std::optional<Origin> tags_origin(std::string_view prefix, std::stop_token stop) const;
  // failed_from: of a failure, from what it follows, where that is known; here and below.
  Result<VersionInfo> stat(std::string_view rev, std::stop_token stop,
                           std::optional<Origin>* failed_from = nullptr) const;
  Result<VersionInfo> latest(std::stop_token stop, std::optional<Origin>* failed_from = nullptr) const;
  // As GitRepo::confirm.
  Result<void> confirm_origin(const Origin& old, std::stop_token stop) const;
  // The version must be canonical, here and below.
  Result<std::string> go_mod(std::string_view version, std::stop_token stop) const;
  Result<void> zip(std::string_view version, const modzip::Sink& sink, std::stop_token stop) const;

 private:
  class Naming;  // what a revision is called
  struct Place {
    std::string rev;
    std::string dir;                    // of the module, from the repository's root
    std::optional<std::string> go_mod;  // none: a repository from before modules
  };
  // A go.mod that was looked at.
  struct Found {
    std::string file;
    std::optional<std::string> text;
    std::string module_path;
  };

  CodeRepo() = default;
  bool has_no_tags() const { return path_.starts_with("gopkg.in/") && path_.ends_with("-unstable"); }
  std::string in_dir(std::string_view name) const;  // below dir_
  std::string rev_of(std::string_view version) const;
  Result<Found> look(const std::string& rev, std::string file, const std::stop_token& stop) const;
  Result<Place> find(std::string_view version, const std::stop_token& stop) const;
  Error wrong_go_mod(const Found& found, std::string_view suffix, std::string_view rev,
                     std::string_view version) const;
  Result<std::vector<std::string>> incompatible(const std::vector<std::string>& list,
                                                const std::vector<std::string>& candidates,
                                                const std::stop_token& stop) const;
  Result<bool> has_go_mod(const std::string& tag, const std::stop_token& stop) const;
  Result<std::string> go_mod_of(std::string_view version, const std::stop_token& stop) const;
  Result<VersionInfo> convert(const Revision& revision, std::string_view asked,
                              const std::stop_token& stop) const;
  Result<VersionInfo> converted(const Revision& revision, std::string_view asked,
                                std::optional<Origin>* failed_from, const std::stop_token& stop) const;
  Result<std::vector<gomod::Retract>> read_retractions(const std::stop_token& stop) const;
  bool retracted(std::string_view version, const std::stop_token& stop) const;
  Result<void> confirm(std::string_view version, const std::stop_token& stop) const;
  Result<void> write_zip(std::string_view version, const Place& place, const modzip::Sink& sink,
                         const std::stop_token& stop) const;

  std::shared_ptr<GitRepo> code_;
  std::string root_;
  std::string path_;
  std::string dir_;           // of the module without its major version, "" at the root
  std::string path_prefix_;   // path without the major version
  std::string path_major_;    // "", "/v2", ".v2"
  std::string pseudo_major_;  // "", "v2"

  mutable std::mutex mutex_;
  mutable std::optional<std::vector<gomod::Retract>> retractions_;  // asked once; none on failure
};

}  // namespace larder::vcs
