// SPDX-License-Identifier: Apache-2.0
// Words of the command line that name packages: paths, patterns with "...", folders, `all`, `std`, `cmd`,
// `work`, `tool`. Thread rule: one thread. Spec: go-resolution.md 7.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/module_packages.hpp"
#include "cli/session.hpp"

namespace larder::cli {

bool has_wildcard(std::string_view word);  // "all", or with "..."
bool is_folder(std::string_view word);     // ".", "./x", "/x"

class PackageWords {
 public:
  using Matched = app::ModulePackages::Matched;

  // Where the words are said; must outlive it. The project may have no modules.
  struct Place {
    const Session& session;
    const app::Project& project;
    app::ModulePackages& packages;
  };
  // No words: the package of the folder.
  PackageWords(Place place, const std::vector<std::string>& words);

  const std::vector<std::string>& words() const { return words_; }
  bool has_all() const;
  bool only_all() const;

  // The packages that are named, but for `all`. `matching` says what a pattern means by the modules of now.
  std::vector<std::string> packages(const std::function<Matched(const std::string& pattern)>& matching);
  // As last matched, in the order of the words, with these as `all`.
  std::vector<std::string> expanded(const std::vector<std::string>& all) const;
  // Says which words match nothing; `all` is counted among them where that is known.
  void warn_of_unmatched(bool all_is_empty = false) const;

 private:
  // Of a word that means several packages, or none; nullptr: it is a path, or "all".
  const Matched* find(const std::string& word) const;
  std::optional<Matched> of_files(const std::string& word) const;
  std::optional<std::string> package_of_folder(const std::string& word) const;
  Matched below(const std::string& word) const;
  Matched of_goroot(bool commands) const;
  std::vector<std::string> tools() const;

  Place place_;
  std::vector<std::string> words_;
  std::map<std::string, Matched> matches_;
};

}  // namespace larder::cli
