// SPDX-License-Identifier: Apache-2.0
#include "cli/package_words.hpp"

#include <algorithm>

#include "app/go_folder.hpp"
#include "app/locate.hpp"
#include "app/patterns.hpp"
#include "base/text.hpp"
#include "cli/package_session.hpp"
#include "cli/wiring.hpp"
#include "resolve/imports.hpp"

namespace larder::cli {

namespace {

// One that go looks at, whether or not its constraints hold here.
bool has_go_files(const sys::Path& dir) {
  const auto entries = sys::list_dir(dir);
  return entries && std::ranges::any_of(*entries, [](const auto& entry) {
           return !entry.is_dir && entry.name.ends_with(".go") && entry.name[0] != '_' &&
                  entry.name[0] != '.';
         });
}

// Is it in a module of its own, within the one whose folder is `root`?
bool is_nested(const std::string& root, const std::string& dir) {
  for (auto at = sys::Path(dir); at.native().size() > root.size(); at = at.parent_path()) {
    if (sys::is_file(at / "go.mod")) return true;
  }
  return false;
}

// As one walks the folders: what is below "a" comes before "a-b".
void sort_as_walked(std::vector<std::string>& paths) {
  std::ranges::sort(paths, {}, [](const std::string& path) { return split(path, '/'); });
}

bool is_remote_pattern(const std::string& word) {
  return word.find("...") != std::string::npos && !is_folder(word);
}

}  // namespace

bool has_wildcard(std::string_view word) {
  return word == "all" || word.find("...") != std::string_view::npos;
}

bool is_folder(std::string_view word) {
  return resolve::is_local_import(word) || word.starts_with('/');
}

PackageWords::PackageWords(Place place, const std::vector<std::string>& words)
    : place_(place), words_(words.empty() ? std::vector<std::string>{"."} : words) {
  for (const auto& word : words_) {
    if (auto found = of_files(word)) matches_.emplace(word, *std::move(found));
  }
}

bool PackageWords::has_all() const {
  return std::ranges::find(words_, "all") != words_.end();
}

bool PackageWords::only_all() const {
  return std::ranges::all_of(words_, [](const auto& word) { return word == "all"; });
}

std::vector<std::string> PackageWords::packages(
    const std::function<Matched(const std::string& pattern)>& matching) {
  for (const auto& word : words_) {
    if (is_remote_pattern(word)) matches_.insert_or_assign(word, matching(word));
  }
  return expanded({});
}

std::vector<std::string> PackageWords::expanded(const std::vector<std::string>& all) const {
  std::vector<std::string> out;
  for (const auto& word : words_) {
    if (const auto* matched = find(word)) {
      out.insert(out.end(), matched->paths.begin(), matched->paths.end());
    } else if (word == "all") {
      out.insert(out.end(), all.begin(), all.end());
    } else {
      out.push_back(word);
    }
  }
  return out;
}

void PackageWords::warn_of_unmatched(bool all_is_empty) const {
  for (const auto& word : words_) {
    const auto* matched = find(word);
    const bool is_empty =
        matched == nullptr ? word == "all" && all_is_empty : matched->paths.empty() && matched->is_all;
    if (is_empty) warn_unmatched(place_.session, word);
  }
}

const PackageWords::Matched* PackageWords::find(const std::string& word) const {
  const auto at = matches_.find(word);
  return at == matches_.end() ? nullptr : &at->second;
}

// What no graph has a say in.
std::optional<PackageWords::Matched> PackageWords::of_files(const std::string& word) const {
  if (word == "std" || word == "cmd") return of_goroot(word == "cmd");
  if (word == "work") return Matched{place_.packages.main_packages("").paths};
  if (word == "tool") return Matched{tools()};
  if (!is_folder(word)) return std::nullopt;
  if (word.find("...") != std::string::npos) return below(word);
  Matched out{{}, false};
  if (auto package = package_of_folder(word)) out.paths.push_back(*std::move(package));
  return out;
}

// The import path, or pattern, of a folder of a main module; nullopt: it is in none, or no package, of which
// go says nothing here.
std::optional<std::string> PackageWords::package_of_folder(const std::string& word) const {
  const auto dir = app::joined(app::working_directory(place_.session.config.environment), word).native();
  const auto dots = dir.find("...");
  const auto fixed = dots == dir.npos ? dir : dir.substr(0, dir.rfind('/', dots));  // before any "..."
  const bool is_there = dots == dir.npos ? has_go_files(dir) : sys::is_dir(fixed);
  if (!is_there) return std::nullopt;
  for (const auto& main : place_.project.modules) {
    const auto& root = main.dir.native();
    if (dir == root) return main.mod.module->path;
    if (dir.starts_with(root + "/") && !is_nested(root, fixed))
      return main.mod.module->path + dir.substr(root.size());
  }
  return std::nullopt;
}

// Of "./...": packages of main modules that have files for the build at hand. Of folders elsewhere go says
// nothing here.
PackageWords::Matched PackageWords::below(const std::string& word) const {
  const auto pattern = package_of_folder(word);
  if (!pattern) return {{}, false};
  Matched out;
  const auto context = build_context(place_.session);
  for (auto& folder : place_.packages.main_folders()) {
    if (app::match_pattern(*pattern, folder.path) && app::builds(folder.dir, context))
      out.paths.push_back(std::move(folder.path));
  }
  sort_as_walked(out.paths);
  return out;
}

// "std", "cmd": those that this build has. Programs among what cmd vendors are none of them.
PackageWords::Matched PackageWords::of_goroot(bool commands) const {
  Matched out;
  const auto context = build_context(place_.session);
  for (auto& folder : place_.packages.goroot_folders(commands)) {
    if (folder.path == "builtin" || (!context.cgo && folder.path == "runtime/cgo")) continue;
    if (!app::builds(folder.dir, context)) continue;
    const bool is_vendored = folder.path.starts_with("cmd/vendor");
    if (is_vendored && app::package_name(folder.dir, context) == "main") continue;
    out.paths.push_back(std::move(folder.path));
  }
  sort_as_walked(out.paths);
  return out;
}

std::vector<std::string> PackageWords::tools() const {
  std::vector<std::string> out;
  for (int i = 0; i < 2; ++i) {  // as go, which forgets that it has looked before
    for (const auto& module : place_.project.modules) {
      for (const auto& tool : module.mod.tool) out.push_back(tool.path);
    }
  }
  return out;
}

}  // namespace larder::cli
