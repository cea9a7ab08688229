// SPDX-License-Identifier: Apache-2.0
// For tests: packages written as text, a line each:
//   m/a: b/x fmt | b/y          of the main module m: imports, then imports of its tests
//   b@v1.0.0 b/x: c/z           of a dependency; its folder is DIR(b@v1.0.0)/x
//   std fmt: io                 of the standard library
// Module paths have one element, so what follows the first '/' is the folder.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "resolve/missing.hpp"
#include "resolve/package_source.hpp"

namespace larder::resolve::testing {

class FakePackages final : public PackageSource {
 public:
  FakePackages(std::string main, std::string_view text) : main_(std::move(main)) {
    for (const auto line : lines(text)) add(trim(line));
  }

  void each(std::size_t count, const std::function<void(std::size_t)>& work) override {
    // Backwards, so that nothing can rely on an order.
    for (std::size_t i = count; i-- > 0;) work(i);
  }
  Result<ModuleTree> tree(const Module& required, const Module& actual) override {
    if (required.version.empty()) return ModuleTree{"/main", true};
    fetched.insert(actual.str());
    if (!modules_.contains(actual.str())) return fail(Kind::not_found, actual.str() + ": no such module");
    if (const auto it = faults.find(actual.str()); it != faults.end()) return fail(Kind::invalid, it->second);
    return ModuleTree{"/" + actual.str(), false};
  }
  bool has_sum(const Module& actual) override { return !without_sum.contains(actual.str()); }
  bool has_go_mod(const std::string& dir) override { return go_mods.contains(dir); }
  Result<bool> has_go_files(const std::string&, const std::string& dir) override {
    return folders_.contains(dir);
  }
  DirScan scan(const std::string&, const std::string& dir) override { return folders_.at(dir); }
  MainPackages main_packages(const std::string&) override {
    MainPackages out;
    for (const auto& [dir, scan] : folders_) {
      if (dir == "/main" || dir.starts_with("/main/")) out.paths.push_back(main_ + dir.substr(5));
    }
    return out;
  }
  std::string std_dir(const std::string& path) override {
    return folders_.contains("/std/" + path) ? "/std/" + path : "";
  }
  bool std_has_folder(const std::string& path) override { return folders_.contains("/std/" + path); }
  std::string std_name(const std::string& path) const override { return "GOROOT/src/" + path; }

  std::set<std::string> without_sum;
  std::set<std::string> go_mods;
  std::set<std::string> fetched;
  std::map<std::string, std::string> faults;  // of trees, by module

 private:
  void add(std::string_view line) {
    if (line.empty()) return;
    const auto [head, rest] = *cut(line, ":");
    const auto words = fields(head);
    const std::string path(words.back());
    std::string dir;
    if (words.size() == 1) {
      dir = "/main" + path.substr(main_.size());
    } else if (words[0] == "std") {
      dir = "/std/" + path;
    } else {
      modules_.insert(std::string(words[0]));
      const auto slash = path.find('/');
      dir = "/" + std::string(words[0]) + (slash == std::string::npos ? "" : path.substr(slash));
    }
    const auto parts = cut(rest, "|");
    DirScan scan;
    for (const auto word : fields(parts ? parts->first : rest)) scan.imports.emplace_back(word);
    for (const auto word : fields(parts ? parts->second : "")) scan.test_imports.emplace_back(word);
    folders_[dir] = std::move(scan);
  }

  std::string main_;
  std::map<std::string, DirScan> folders_;
  std::set<std::string> modules_;
};

// "b@v1.2.0 c@v1.0.0": what `latest` of each is.
class FakeVersions final : public VersionSource {
 public:
  explicit FakeVersions(std::string_view text) {
    for (const auto word : fields(text)) {
      const auto m = gomod::split_module(word);
      latest_[m.path] = m.version;
    }
  }
  Result<std::optional<std::string>> latest(const std::string& path, const std::string&) override {
    const auto it = latest_.find(path);
    if (it == latest_.end()) return fail(Kind::not_found, "module " + path + ": not there");
    return std::optional(it->second);
  }
  Result<void> in_turn(const Ask& ask) override {
    auto done = ask(*this);
    return done || behind == nullptr ? done : ask(*behind);
  }

  FakeVersions* behind = nullptr;  // asked after any failure, as behind "|"

 private:
  std::map<std::string, std::string> latest_;
};

}  // namespace larder::resolve::testing
